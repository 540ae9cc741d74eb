export { deleteUser } from './delete-user.ts'
export { signup } from './signup.ts'
export { syncHandle } from './sync-handle.ts'
export { watchHandles } from './watch-handles.ts'
