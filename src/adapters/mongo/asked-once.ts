/** Asks for something that stays, an index, once a process; what failed is asked for again by the next call. */
export function askedOnce(ask: () => Promise<unknown>): () => Promise<void> {
  let asked: Promise<unknown> | null = null
  return async () => {
    asked ??= ask()
    try {
      await asked
    } catch (error) {
      asked = null
      throw error
    }
  }
}
