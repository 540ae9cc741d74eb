import type { CommandHelp } from '../../systems/command-part.ts'
import type { Command } from 'commander'
import { retryUntilNoneBlocked } from '../../client/batch-retry.ts'
import type { ProblemName } from '../../contracts/problems.ts'
import { EXIT } from '../../errors.ts'
import { runForSystem, systemCommand, type CommandResult, type CommonOptions } from '../lib/command.ts'
import type { CommandContext } from '../lib/context.ts'
import { relativeTime } from '../format/print.ts'
import { reasonText } from '../lib/reason.ts'

const LONGEST_MS = 20_000

/** Both problems end together, for everybody at once. */
const HELD_BACK = ['paused', 'observing'] as const
const DELETIONS_HELD_BACK = ['deletions-paused', 'deletions-held'] as const

interface ResumeOptions extends CommonOptions {
  readonly deletions?: boolean
  readonly reason?: string
}

export function resumeCommand(help: CommandHelp): Command {
  return systemCommand(
    help,
    'resume',
    'End a pause: every signup it blocks is retried at once, as are those blocked by HOLDFAST_MODE=observe. With --deletions: end the pause of deletions, and release those blocked by the safety limit.',
    [
      `resume ${help.system}`,
      `resume ${help.system} --json`,
      `resume ${help.system} --deletions`,
      `resume ${help.system} --deletions --reason 'ticket 512'`,
    ],
  )
    .option('--deletions', 'resume deletions, including those blocked by the safety limit')
    .option('--reason <text>', 'the reason, for the record; no e-mail addresses', reasonText)
    .action((system: string, { deletions = false, reason, ...common }: ResumeOptions) =>
      runForSystem(system, common, (context) => {
        context.assertWrites()
        return deletions ? resumeDeletions(system, context, reason) : resumeCreations(system, context, reason)
      }),
    )
}

async function resumeCreations(
  system: string,
  context: CommandContext,
  reason: string | undefined,
): Promise<CommandResult> {
  await context.acting.begin({ name: 'resume', kind: 'change', scope: system, reason })
  const was = await (await context.state()).switches.resume()
  const retried = await retryAll(context, HELD_BACK)
  const ended =
    was === null
      ? `${system} was not paused.`
      : `${system} is resumed; it was paused ${relativeTime(was.since)} by ${was.by}.`
  const document = { system, paused: false, was, ...countOf(retried) }
  if (retried === 'busy') return busy(document, `${ended} ${notYet(system, '')}`)
  return { document, text: `${ended} Waiting signups retried now: ${retried}.` }
}

/** Releasing blocked deletions confirms that they are intended, so it is recorded. */
async function resumeDeletions(
  system: string,
  context: CommandContext,
  reason: string | undefined,
): Promise<CommandResult> {
  const { heldActions, switches } = await context.state()
  await context.acting.begin({ name: 'resume --deletions', kind: 'destroy', scope: system, reason })
  const was = await switches.resume('deletions')
  const released = await heldActions.release('deletions')
  const retried = await retryAll(context, DELETIONS_HELD_BACK)
  const ended = [
    was === null
      ? `Deletions of ${system} were not paused.`
      : `Deletions of ${system} are resumed; they were paused ${relativeTime(was.since)} by ${was.by}.`,
    `Released from the safety limit: ${released}.`,
  ].join(' ')
  const document = {
    system,
    deletionsPaused: false,
    was,
    released,
    ...countOf(retried),
  }
  if (retried === 'busy') return busy(document, `${ended} ${notYet(system, ' --deletions')}`)
  return { document, text: `${ended} Deletions retried now: ${retried}.` }
}

/** `told`: the same number under its older name, for scripts that read it. */
function countOf(retried: number | 'busy'): { retried: number | null; told: number | null } {
  const count = retried === 'busy' ? null : retried
  return { retried: count, told: count }
}

async function retryAll(context: CommandContext, problems: readonly ProblemName[]): Promise<number | 'busy'> {
  return retryUntilNoneBlocked(await context.temporal(), context.system, problems, {
    reason: `resume by ${context.acting.caller().name}`,
    longestMs: LONGEST_MS,
  })
}

function notYet(system: string, option: string): string {
  return `Temporal is still processing another batch, so no workflow was signalled yet; each is retried automatically within 15 minutes. To signal them again: holdfast resume ${system}${option}`
}

function busy(document: unknown, text: string): CommandResult {
  return { document, text, exitCode: EXIT.failed }
}
