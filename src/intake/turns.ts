import { setImmediate as turn } from 'node:timers/promises'

/** The time after which a delivery yields to other work of this process, in milliseconds. */
const TURN_MS = 15

/** A function to be awaited between two small pieces of work; it yields to other work if its time is used up. */
export function createYielder(): () => Promise<void> {
  let since = performance.now()
  return async () => {
    if (performance.now() - since <= TURN_MS) return
    await turn()
    since = performance.now()
  }
}
