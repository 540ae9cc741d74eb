/** Runs the given work in order, at most `limit` at once. */
export function limitConcurrency(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0

  return async (work) => {
    if (running >= limit) await new Promise<void>((resolve) => void waiting.push(resolve))
    else running += 1
    try {
      return await work()
    } finally {
      const next = waiting.shift() // the next one takes over the place
      if (next === undefined) running -= 1
      else next()
    }
  }
}
