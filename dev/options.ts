import { Command, CommanderError, Option } from 'commander'
import { UsageError } from '../src/errors.ts'

export interface DevOptions {
  readonly exit?: boolean
  readonly demo: boolean
  /** Runs only worker and webhook server, on the servers that this shell's environment names. */
  readonly useEnv: boolean
  /** Sets up the state of a story instead of playing it. */
  readonly story?: 'before'
  readonly data?: string
}

const HELP = `
Examples:
  $ npm start                        everything, with five demonstration signups, until Ctrl-C
  $ npm start -- --exit              the same, then exit: code 0 if all five completed, else 1
  $ npm start -- --no-demo           the servers alone
  $ npm start -- --story before      the records that the previous system left: for audit and backfill
  $ npm start -- --data ./data       keep the data for the next start

  $ npm start -- --use-env           worker and webhook server on the servers in this shell's environment
  $ npm start -- --use-env --demo    the same, and five people sign up in the first tenant

Without --use-env it starts and uses only servers of its own, whatever this shell's environment says.`

/**
 * The parsed arguments of `npm start --`; null when only help was requested. Throws `UsageError` for an unknown
 * argument.
 */
export function readDevOptions(args: readonly string[]): DevOptions | null {
  const command = new Command('npm start --')
    .description('Run all of Holdfast on real servers of its own, with five demonstration signups.')
    .option('--exit', 'exit when the five signups have reached their end state')
    .option('--no-demo', 'run no demonstration')
    .option('--demo', 'run the five demonstration signups (default, unless --use-env is given)')
    .option('--use-env', "use the servers in this shell's environment, start none, and run no demonstration")
    .addOption(
      new Option('--story <story>', 'start with the state of a story instead of the demonstration').choices([
        'before',
      ]),
    )
    .option('--data <dir>', 'keep the data in this folder (default: a fresh temporary one)')
    .addHelpText('after', HELP)
    .exitOverride()
  try {
    const given = command.parse(args, { from: 'user' }).opts<Partial<DevOptions>>()
    const { useEnv = false, story, data } = given
    if (useEnv && (story !== undefined || data !== undefined))
      throw new UsageError('--use-env starts no servers, so it cannot be combined with --story or --data.')
    return { ...given, useEnv, demo: given.demo ?? !useEnv }
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return null
    if (error instanceof CommanderError) throw new UsageError('(see npm start -- --help)')
    throw error
  }
}
