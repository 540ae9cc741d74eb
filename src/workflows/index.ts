export { signup } from './signup.ts'
