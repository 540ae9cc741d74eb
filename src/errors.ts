/** Exit codes of every entry point: 2 for wrong usage or no connection, 1 for everything else that went wrong. */
export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const

/** A mistake that the caller can correct; the message says what and how. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
