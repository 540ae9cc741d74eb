import { listSignups } from '../../operations/list-signups.ts'
import type { CommandHelp } from '../../systems/command-part.ts'
import { InvalidArgumentError, type Command } from 'commander'
import type { BlockedRun } from '../../client/blocked-runs.ts'
import type { SignupStatus } from '../../contracts/signup.ts'
import type { ProblemName } from '../../contracts/problems.ts'
import { stageNames, type Stage } from '../../contracts/stages.ts'
import { runForSystem, systemCommand, type CommonOptions } from '../lib/command.ts'
import { printChanges } from './parts/follow.ts'
import { listBlockedRuns, NO_RUNS } from './parts/list-blocked-runs.ts'
import { moreLine } from '../format/more.ts'
import { pausedNotice } from '../format/paused-notice.ts'
import { signupTable } from '../format/print.ts'
import { problemName, wholeNumber } from '../lib/values.ts'

interface ListOptions extends CommonOptions {
  readonly stage?: Stage
  readonly stuck?: boolean
  readonly problem?: ProblemName
  readonly follow?: boolean
  readonly limit: number
  readonly next?: string
}

const PAGE = 50

export function listCommand(help: CommandHelp): Command {
  return systemCommand(help, 'list', 'List signups: running ones first, then the newest.', [
    `list ${help.system}`,
    `list ${help.system} --stuck`,
    `list ${help.system} --problem ${help.example.problem}`,
    `list ${help.system} --follow`,
    `list ${help.system} --stage waiting-for-verification --limit 200`,
    `list ${help.system} --json | jq -r '.signups[].identity'`,
  ])
    .option('--stage <stage>', `only signups in this stage: ${stageNames().join(', ')}`, stageName)
    .option('--stuck', 'only blocked signups; also blocked deletions, handle changes and large deliveries')
    .option('--problem <name>', 'only signups blocked by this problem', problemName)
    .option('--follow', 'print each signup and each change of stage as it happens, until Ctrl-C')
    .option('--limit <n>', 'show at most <n>', wholeNumber(1_000), PAGE)
    .option('--next <token>', 'continue after the previous page (`next` in its JSON), with the same filters')
    .action((system: string, options: ListOptions) =>
      runForSystem(system, options, async (context) => {
        const { stage, stuck: blocked, problem, limit, next } = options
        if (options.follow === true) return printChanges(context, options.json === true)
        const { ofPage, ...page } = await listSignups(
          context,
          { stage, blocked, problem },
          { size: limit, next },
        )
        const { signups } = page
        const paused = await pausedNotice(context)
        const notices = [...new Set([...paused, ...page.notices, ...ofPage])]
        const rows = signups.length === 0 ? 'No signups.' : signupTable(context.system, signups)
        const more = page.next === null ? [] : [`Next page: ${nextCommand(system, options, page.next)}`]
        // Other blocked workflows are shown with the first page: they have no stage, and there are few.
        const blockedOnly = blocked === true || problem !== undefined
        const others = blockedOnly && stage === undefined && next === undefined
        const { runs, text } = others ? await listBlockedRuns(context, { problem, most: limit }) : NO_RUNS
        return {
          document: { ...page, runs, notices: [...paused, ...page.notices] },
          text: [...notices, rows, ...more, ...text, ...moreLine(namesShown(signups, runs))].join('\n\n'),
        }
      }),
    )
}

function namesShown(signups: readonly SignupStatus[], runs: readonly BlockedRun[]): string[] {
  const ofSignups = signups.flatMap(({ problem, waitingFor }) => problem?.name ?? waitingFor?.name ?? [])
  return [...ofSignups, ...runs.map(({ problem }) => problem.name)]
}

/** A page token is only valid with the filters of its page. */
function nextCommand(system: string, { stage, stuck, problem, limit }: ListOptions, token: string): string {
  return [
    `holdfast list ${system}`,
    ...(stage === undefined ? [] : [`--stage ${stage}`]),
    ...(stuck === true ? ['--stuck'] : []),
    ...(problem === undefined ? [] : [`--problem ${problem}`]),
    ...(limit === PAGE ? [] : [`--limit ${limit}`]),
    `--next ${token}`,
  ].join(' ')
}

function stageName(value: string): Stage {
  const stage = stageNames().find((name) => name === value)
  if (stage === undefined) throw new InvalidArgumentError(`It must be one of: ${stageNames().join(', ')}.`)
  return stage
}
