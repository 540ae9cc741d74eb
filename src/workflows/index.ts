export { audit } from './audit.ts'
export { backfill } from './backfill.ts'
