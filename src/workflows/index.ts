export { catchUp } from './catch-up.ts'
export { ingest } from './ingest.ts'
export { signup } from './signup.ts'
