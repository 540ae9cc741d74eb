/**
 * Pages in order, each read while the previous one is processed. A consumer that stops in the middle waits for the page
 * that is being read, and its outcome is ignored.
 *
 * @param next the beginning of the page after this one; null after the last
 */
export async function* readAhead<P, C>(
  beginning: C,
  read: (from: C) => Promise<P>,
  next: (page: P) => C | null,
): AsyncGenerator<P, void, undefined> {
  // Settled, not awaited directly: a page that fails throws when its turn comes, and never as an unhandled rejection.
  let reading = toSettledResult(read(beginning))
  try {
    for (;;) {
      const outcome = await reading
      if (outcome.status === 'rejected') throw outcome.reason
      const from = next(outcome.value)
      if (from !== null) reading = toSettledResult(read(from))
      yield outcome.value
      if (from === null) return
    }
  } finally {
    await reading
  }
}

async function toSettledResult<P>(page: Promise<P>): Promise<PromiseSettledResult<P>> {
  const [outcome] = await Promise.allSettled([page])
  return outcome
}
