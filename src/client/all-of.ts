/**
 * As `Promise.all`, but it fails only when every one has ended: a call to Temporal that is still tried again when its
 * connection is closed throws at nobody, out of a timer.
 */
export async function allOf<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const ended = await Promise.allSettled(promises)
  return ended.map((result) => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  })
}
