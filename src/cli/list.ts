import { InvalidArgumentError, type Command } from 'commander'
import type { ProblemName } from '../contracts/problems.ts'
import { STAGES, type Stage } from '../contracts/stages.ts'
import { answer, systemCommand, type CommonOptions } from './command.ts'
import { printChanges } from './follow.ts'
import { listIgnored } from './list-ignored.ts'
import { listStuckRuns, NO_RUNS } from './list-stuck-runs.ts'
import { signupTable } from './print.ts'
import { problemName, wholeNumber } from './values.ts'

interface ListOptions extends CommonOptions {
  readonly stage?: Stage
  readonly stuck?: boolean
  readonly problem?: ProblemName
  readonly follow?: boolean
  readonly limit: number
  readonly next?: string
}

const PAGE = 50

export function listCommand(): Command {
  return systemCommand('list', 'List signups, running ones first, newest first.', [
    'list atproto',
    'list atproto --stuck',
    'list atproto --problem email-taken',
    'list atproto --follow',
    'list atproto --stage waiting-for-verification --limit 200',
    "list atproto --json | jq -r '.signups[].identity'",
  ])
    .option('--stage <stage>', `only this stage: ${STAGES.join(', ')}`, stageName)
    .option(
      '--stuck',
      'only those held up by a problem; deletions, handles and large deliveries that stand still too',
    )
    .option('--problem <name>', 'only those held up by this problem', problemName)
    .option('--follow', 'each signup and each change of stage as it happens, until Ctrl-C')
    .option('--limit <n>', 'at most this many', wholeNumber(1_000), PAGE)
    .option('--next <token>', 'go on where the page before ended (`next` of its JSON), with the same filters')
    .action((system: string, options: ListOptions) =>
      answer(system, options, async (context) => {
        const { stage, stuck, problem, limit, next } = options
        if (options.follow === true) return printChanges(context, options.json === true)
        const reader = await context.reader()
        const page = await reader.list({ stage, stuck, problem }, { size: limit, next })
        const troubled = stuck === true || problem !== undefined
        const {
          signups,
          ignored,
          notices: asides,
        } = await listIgnored(context, system, page.signups, troubled)
        const notices = [...new Set([...page.notices, ...signups.flatMap((one) => one.notices), ...asides])]
        const rows = signups.length === 0 ? 'No signups.' : signupTable(signups)
        const more = page.next === null ? [] : [`More: ${nextCommand(system, options, page.next)}`]
        // With the first page of troubles: they have no stage, and there are few.
        const others = troubled && stage === undefined && next === undefined
        const { runs, text } = others ? await listStuckRuns(context, { problem, most: limit }) : NO_RUNS
        return {
          document: { ...page, signups, ignored, runs },
          text: [...notices, rows, ...more, ...text].join('\n\n'),
        }
      }),
    )
}

/** A token is good for the filters it was handed out for. */
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
  const stage = STAGES.find((name) => name === value)
  if (stage === undefined) throw new InvalidArgumentError(`It is one of: ${STAGES.join(', ')}.`)
  return stage
}
