import { Argument, type Command } from 'commander'
import { createAuditFindings } from '../adapters/mongo/audit-findings.ts'
import { createPlans } from '../adapters/mongo/plans.ts'
import type { Runs } from '../client/runs.ts'
import type { BackfillInput, BackfillResult } from '../contracts/backfill.ts'
import type { Finding } from '../contracts/gaps.ts'
import type { System } from '../contracts/systems.ts'
import { EXIT, UsageError } from '../entry.ts'
import { no } from './answers.ts'
import { backfillText, planText } from './backfill-print.ts'
import { collected } from './collected.ts'
import { answer, systemCommand, systemNamed, type Answer, type CommonOptions } from './command.ts'
import { confirmed } from './confirmed.ts'
import type { CommandContext } from './context.ts'
import { wholeNumber } from './values.ts'
import { progressBar } from './progress-bar.ts'

interface BackfillOptions extends CommonOptions, Omit<BackfillInput, 'system' | 'carried'> {
  readonly yes?: boolean
}

const CONTROLS = ['pause', 'resume', 'cancel'] as const
type Control = (typeof CONTROLS)[number]

export function backfillCommand(): Command {
  return systemCommand(
    'backfill',
    'Find everybody whose records are not complete and repair them. A dry run unless --fix is said; deletes nothing.',
    [
      'backfill atproto                      what would be repaired, as a plan',
      'backfill atproto --last 10 --fix',
      "backfill atproto --id 'auth0|6123abc' --fix",
      'backfill atproto --plan 1f2e3d4c --fix   exactly that plan, or refuse',
      'backfill pause <run>                  and resume, cancel',
    ],
  )
    .addArgument(new Argument('[action]', `for one that runs: ${CONTROLS.join(', ')}`))
    .argument('[run]', 'which one')
    .option('--tenant <tenant>', 'only this tenant, or both')
    .option('--last <n>', 'only the so many who signed up last', wholeNumber())
    .option('--id <id>', 'only this person')
    .option('--fix', 'repair, then look again at exactly what was touched')
    .option('--plan <id>', 'apply exactly this plan, or refuse and say what moved; needs --fix')
    .option(
      '--max-changes <n>',
      'the most people it may change (default: 5 % of everybody, 100 to 500)',
      wholeNumber(),
    )
    .option('--yes', 'do not ask')
    .action((...given: [string, string | undefined, string | undefined, BackfillOptions]) => {
      const [first, second, third, options] = given
      // `backfill pause <run>` as well as `backfill atproto pause <run>`.
      const wish = CONTROLS.find((name) => name === first)
      const control = wish ?? CONTROLS.find((name) => name === second)
      const system = wish === undefined ? first : 'atproto'
      const name = wish === undefined ? third : second
      return answer(system, options, async (context) => {
        if (control !== undefined) return controlled(context, systemNamed(system), control, name)
        if (second !== undefined)
          throw new UsageError(`There is no '${second}' of a backfill; there is: ${CONTROLS.join(', ')}.`)
        return filled(context, systemNamed(system), options)
      })
    })
}

async function controlled(
  context: CommandContext,
  system: System,
  wish: Control,
  name: string | undefined,
): Promise<Answer> {
  if (name === undefined) throw new UsageError(`Say which backfill: holdfast backfill ${wish} <run>`)
  const done = await (await context.runs()).control(system, name, wish)
  if (!done) return no(`No backfill '${name}' runs.`)
  const words = {
    pause: `Paused: nobody else is set going; who is under way goes on. holdfast backfill resume ${name}`,
    resume: 'Goes on.',
    cancel: 'Cancelled: nobody else is set going; who is under way goes on.',
  }
  return { document: { run: name, [`${wish}Asked`]: true }, text: words[wish] }
}

async function filled(context: CommandContext, system: System, options: BackfillOptions): Promise<Answer> {
  const { tenant, last, id, fix = false, plan, maxChanges, yes = false } = options
  if (fix) context.assertWrites()
  if (plan !== undefined && !fix)
    throw new UsageError('--plan needs --fix: without it nothing would be applied.')
  if (id !== undefined) context.person(id)
  const input: BackfillInput = {
    ...(tenant === undefined ? {} : { tenant }),
    ...(last === undefined ? {} : { last }),
    ...(id === undefined ? {} : { id }),
    ...(fix ? { fix } : {}),
    ...(plan === undefined ? {} : { plan }),
    ...(maxChanges === undefined ? {} : { maxChanges }),
  }
  const runs = await context.runs()
  const asks = fix && !yes && options.json !== true && process.stdin.isTTY && process.stderr.isTTY
  if (asks && plan === undefined) {
    const seen = await run(runs, system, { ...input, fix: false })
    const changes = await changesOf(context, seen)
    if (seen.totalMissing === 0) return answerOf(seen, changes)
    process.stdout.write(`${planText(seen, changes)}\n\n`)
    const whom = seen.totalMissing === 1 ? 'this person' : `these ${seen.totalMissing} people`
    if (!(await confirmed(`Repair ${whom}?`, options))) return no('Nothing was changed.')
    return answerOf(
      await run(runs, system, {
        fix,
        plan: seen.planId,
        ...(maxChanges === undefined ? {} : { maxChanges }),
      }),
      [],
    )
  }
  const result = await run(runs, system, input)
  return answerOf(result, result.dryRun ? await changesOf(context, result) : [])
}

async function run(runs: Runs, system: System, input: BackfillInput): Promise<BackfillResult> {
  const bar = progressBar()
  try {
    const workflowId = await runs.startBackfill(system, input)
    return (await runs.follow(workflowId, bar.show)) as BackfillResult
  } finally {
    bar.done()
  }
}

async function changesOf(context: CommandContext, { planId }: BackfillResult): Promise<Finding[]> {
  const { db } = context.mongo()
  const findings = createAuditFindings(db)
  const plan = await createPlans(db, findings).load(planId)
  if (plan === null) return []
  const all = await collected(findings.each(plan.audit))
  return all.filter(({ repair }) => repair !== null)
}

function answerOf(result: BackfillResult, changes: readonly Finding[]): Answer {
  const { dryRun, refused, failed, verified, totalMissing } = result
  const whole = dryRun || (refused === null && failed === 0 && verified === totalMissing)
  return {
    document: dryRun ? { ...result, changes } : result,
    text: backfillText(result, changes),
    exitCode: whole && refused === null ? EXIT.done : EXIT.failed,
  }
}
