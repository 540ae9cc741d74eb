import { ConfigError } from './config.ts'
import { withRunnableCommands } from './domain/text/commands-in-text.ts'
import { EXIT, UsageError } from './errors.ts'
import { printError } from './logging.ts'

/**
 * Runs an entry's `main`; an error it throws is written to standard error, and the process exits with the exit code for
 * it.
 */
export async function runEntry(main: () => Promise<number | void>): Promise<void> {
  // Node's own report of an uncaught error would quote it whole.
  process.once('uncaughtException', (error) => {
    printError(error)
    process.exit(EXIT.failed)
  })
  try {
    process.exitCode = (await main()) ?? EXIT.done
  } catch (error) {
    process.exitCode = exitCodeOf(error)
    const expected = error instanceof ConfigError || error instanceof UsageError
    printError(expected ? withRunnableCommands(error.message) : error)
  }
}

function exitCodeOf(error: unknown): number {
  return error instanceof ConfigError || error instanceof UsageError ? EXIT.usage : EXIT.failed
}
