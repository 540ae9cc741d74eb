import { InvalidArgumentError, type Command } from 'commander'
import { STAGES, type Stage } from '../contracts/stages.ts'
import { answer, systemCommand, type CommonOptions } from './command.ts'
import { signupTable } from './print.ts'

interface ListOptions extends CommonOptions {
  readonly stage?: Stage
  readonly stuck?: boolean
  readonly limit: number
  readonly next?: string
}

export function listCommand(): Command {
  return systemCommand('list', 'List signups, running ones first, newest first.', [
    'list atproto',
    'list atproto --stuck',
    'list atproto --stage waiting-for-verification --limit 200',
    "list atproto --json | jq -r '.signups[].identity'",
  ])
    .option('--stage <stage>', `only this stage: ${STAGES.join(', ')}`, stageName)
    .option('--stuck', 'only those held up by a problem')
    .option('--limit <n>', 'at most this many', wholeNumber, 50)
    .option('--next <token>', 'go on where the page before ended (`next` of its JSON)')
    .action((system: string, { stage, stuck, limit, next, ...common }: ListOptions) =>
      answer(system, common, async (context) => {
        const reader = await context.reader()
        const page = await reader.list({ stage, stuck }, { size: limit, next })
        const notices = [...new Set([...page.notices, ...page.signups.flatMap((signup) => signup.notices)])]
        const rows = page.signups.length === 0 ? 'No signups.' : signupTable(page.signups)
        const more = page.next === null ? [] : [`More: holdfast list ${system} --next ${page.next}`]
        return { document: page, text: [...notices, rows, ...more].join('\n\n') }
      }),
    )
}

function stageName(value: string): Stage {
  const stage = STAGES.find((name) => name === value)
  if (stage === undefined) throw new InvalidArgumentError(`It is one of: ${STAGES.join(', ')}.`)
  return stage
}

function wholeNumber(value: string): number {
  const number = Number(value)
  if (!Number.isInteger(number) || number < 1 || number > 1_000)
    throw new InvalidArgumentError('It is a whole number from 1 to 1000.')
  return number
}
