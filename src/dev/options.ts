import { Command, CommanderError, Option } from 'commander'
import { UsageError } from '../entry.ts'

export interface DevOptions {
  readonly exit?: boolean
  readonly demo: boolean
  /** Leaves the state of a story in place of playing it. */
  readonly story?: 'before'
  readonly data?: string
}

const HELP = `
Examples:
  $ npm start                        everything, five signups played, until Ctrl-C
  $ npm start -- --exit              the same, and end: code 0 when all five arrived, 1 otherwise
  $ npm start -- --no-demo           the servers alone
  $ npm start -- --story before      what the system before this one left of the five: for audit and backfill
  $ npm start -- --data ./data       keep what happens for the next start

It starts and uses only servers of its own, whatever this shell's environment says.`

/** What `npm start --` was told; null when it was only asked for help. Throws `UsageError` for anything it does not know. */
export function readDevOptions(args: readonly string[]): DevOptions | null {
  const command = new Command('npm start --')
    .description('Runs all of Holdfast on real servers of its own and plays five signups.')
    .option('--exit', 'end when the five signups have reached their end state')
    .option('--no-demo', 'play nothing')
    .addOption(
      new Option('--story <story>', 'begin with the state of a story instead of playing it').choices([
        'before',
      ]),
    )
    .option('--data <dir>', 'keep the data in this folder (default: a fresh temporary one)')
    .addHelpText('after', HELP)
    .exitOverride()
  try {
    return command.parse(args, { from: 'user' }).opts<DevOptions>()
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return null
    if (error instanceof CommanderError) throw new UsageError('(npm start -- --help says what it takes)')
    throw error
  }
}
