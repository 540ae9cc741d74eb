/**
 * Runs an operation with a lasting effect, such as creating an index, once per process; after a failure the next call
 * runs it again.
 */
export function memoizeSuccess(ask: () => Promise<unknown>): () => Promise<void> {
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
