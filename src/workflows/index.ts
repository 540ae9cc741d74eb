export { signup } from './signup.ts'
export { watch } from './watch.ts'
