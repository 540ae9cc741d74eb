/**
 * Pages in order, each read while the one before is worked on. Whoever stops in the middle waits for the page that was
 * being read, and is not told what became of it.
 *
 * @param next where the page after this one begins; null after the last
 */
export async function* readAhead<P, C>(
  beginning: C,
  read: (from: C) => Promise<P>,
  next: (page: P) => C | null,
): AsyncGenerator<P, void, undefined> {
  // Settled, not awaited as it is: a page that fails is told when its turn comes, and never as an unhandled rejection.
  let reading = settled(read(beginning))
  try {
    for (;;) {
      const outcome = await reading
      if (outcome.status === 'rejected') throw outcome.reason
      const from = next(outcome.value)
      if (from !== null) reading = settled(read(from))
      yield outcome.value
      if (from === null) return
    }
  } finally {
    await reading
  }
}

async function settled<P>(page: Promise<P>): Promise<PromiseSettledResult<P>> {
  const [outcome] = await Promise.allSettled([page])
  return outcome
}
