export { audit } from './audit.ts'
export { backfill } from './backfill.ts'
export { signup } from './signup.ts'
