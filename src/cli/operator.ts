import { hostname, userInfo } from 'node:os'

/** Who gives a command, for what is recorded of it: without an `@`, so that nothing takes it for an address. */
export function operator(): string {
  return `${userName()} on ${hostname()}`.replaceAll('@', ' at ')
}

/** A container may run under a number that has no name. */
function userName(): string {
  try {
    return userInfo().username
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_SYSTEM_ERROR') {
      return `user ${process.getuid?.() ?? '?'}`
    }
    throw error
  }
}
