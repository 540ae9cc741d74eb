import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { UsageError } from '../src/errors.ts'

export interface ProveOptions {
  /** For this long new rounds begin; rounds in progress are then played to their end. */
  readonly seconds: number
  /** The seed of the first round; each further round has the next number. */
  readonly seed: number
  readonly rounds: number
  readonly lanes: number
  /** A plan to play instead of random ones. */
  readonly plan?: string
}

const HELP = `
Every round has a seed of its own, one more than the round before. A round that fails says
its seed and the smallest plan found that fails too.

Examples:
  $ npm run prove                                   a minute of rounds from a random seed
  $ npm run prove -- --seconds 1800 --lanes 4       half an hour, four sets of servers side by side
  $ npm run prove -- --seed 4711 --rounds 1         one round again
  $ npm run prove -- --plan prove/regressions/lost-answer.json

It starts and uses only servers of its own, whatever this shell's environment says.
Exit codes: 0 every check held, 1 one did not, 2 wrong usage.`

const MOST_SEED = 2 ** 31 - 1

/**
 * The parsed arguments of `npm run prove --`; null when only help was requested. Throws `UsageError` for an unknown
 * argument.
 */
export function readProveOptions(args: readonly string[]): ProveOptions | null {
  const command = new Command('npm run prove --')
    .description(
      'Plays random people, events and faults against all of Holdfast on real servers, and holds every store against what happened.',
    )
    .option('--seconds <n>', 'how long new rounds begin', whole(1, 86_400), 60)
    .option('--seed <n>', 'the seed of the first round (default: a random one)', whole(0, MOST_SEED))
    .option('--rounds <n>', 'at most so many rounds (default: as many as there is time for)', whole(1, 1e6))
    .option('--lanes <n>', 'sets of servers side by side, about 1 GiB each', whole(1, 16), 2)
    .option('--plan <file>', 'play this plan, once, instead of random ones')
    .addHelpText('after', HELP)
    .allowExcessArguments(false)
    .exitOverride()
  try {
    const { seed, rounds, ...given } = command
      .parse(args, { from: 'user' })
      .opts<Partial<ProveOptions> & Pick<ProveOptions, 'seconds' | 'lanes'>>()
    return {
      ...given,
      seed: seed ?? Math.floor(Math.random() * MOST_SEED),
      rounds: rounds ?? Number.POSITIVE_INFINITY,
    }
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return null
    if (error instanceof CommanderError) throw new UsageError('(npm run prove -- --help says what it takes)')
    throw error
  }
}

const whole = (least: number, most: number) => (value: string) => {
  const number = Number(value)
  if (!/^\d+$/.test(value) || number < least || number > most)
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`)
  return number
}
