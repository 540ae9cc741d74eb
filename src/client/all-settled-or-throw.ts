/**
 * As `Promise.all`, but it rejects only once all promises have ended: a call to Temporal that is still being retried
 * when its connection is closed would throw from a timer, where nothing can catch it.
 */
export async function allSettledOrThrow<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const ended = await Promise.allSettled(promises)
  return ended.map((result) => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  })
}
