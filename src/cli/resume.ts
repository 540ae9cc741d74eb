import type { Command } from 'commander'
import { createSwitches } from '../adapters/mongo/switches.ts'
import { retryUntilNobody } from '../client/batch-retry.ts'
import { EXIT } from '../entry.ts'
import { answer, systemCommand, type CommonOptions } from './command.ts'
import { operator } from './operator.ts'
import { ago } from './print.ts'

const LONGEST_MS = 20_000

/** Both end with one cause, for everybody at once. */
const HELD_BACK = ['paused', 'observing'] as const

export function resumeCommand(): Command {
  return systemCommand(
    'resume',
    'End a pause: every signup it holds back tries again at once. Likewise those that HOLDFAST_MODE=observe held back.',
    ['resume atproto', 'resume atproto --json'],
  ).action((system: string, options: CommonOptions) =>
    answer(system, options, async (context) => {
      context.assertWrites()
      const was = await createSwitches(context.mongo().db).resume('atproto')
      const told = await retryUntilNobody(await context.temporal(), HELD_BACK, {
        reason: `resume by ${operator()}`,
        longestMs: LONGEST_MS,
      })
      const ended =
        was === null
          ? `${system} was not paused.`
          : `${system} goes on; it was paused ${ago(was.since)} by ${was.by}.`
      if (told === 'busy') {
        return {
          document: { system, paused: false, was, told: null },
          text: `${ended} Temporal is at work on another batch, so nobody was told yet; each goes on by itself within a quarter of an hour, or: holdfast resume ${system}`,
          exitCode: EXIT.failed,
        }
      }
      return {
        document: { system, paused: false, was, told },
        text: `${ended} Signups that waited for it and try again now: ${told}.`,
      }
    }),
  )
}
