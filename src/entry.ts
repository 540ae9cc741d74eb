import { ConfigError } from './config.ts'
import { sayError } from './logging.ts'

/** Exit codes of every entry: 2 for wrong usage or no connection, 1 for everything else that went wrong. */
export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const

/** Something the caller can put right; its message says what and how. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Runs an entry's `main`; what it throws is said on standard error, and the process ends with its exit code. */
export async function runEntry(main: () => Promise<number | void>): Promise<void> {
  // Node's own report of an error that nobody caught would quote it whole.
  process.once('uncaughtException', (error) => {
    sayError(error)
    process.exit(EXIT.failed)
  })
  try {
    process.exitCode = (await main()) ?? EXIT.done
  } catch (error) {
    process.exitCode = exitCodeOf(error)
    const expected = error instanceof ConfigError || error instanceof UsageError
    sayError(expected ? error.message : error)
  }
}

function exitCodeOf(error: unknown): number {
  return error instanceof ConfigError || error instanceof UsageError ? EXIT.usage : EXIT.failed
}
