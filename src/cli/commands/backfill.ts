import type { CommandHelp } from '../../systems/command-part.ts'
import { Argument, type Command } from 'commander'
import type { Runs } from '../../client/runs.ts'
import type { BackfillInput, BackfillResult } from '../../contracts/backfill.ts'
import type { Finding } from '../../contracts/gaps.ts'
import type { System } from '../../contracts/systems.ts'
import { countedPeople } from '../../contracts/text/counted.ts'
import { planned } from '../../domain/plan.ts'
import { supportedSystems } from '../../systems/served.ts'
import { EXIT, UsageError } from '../../errors.ts'
import { errorResult, unknownEverywhere } from '../lib/error-results.ts'
import { backfillText, planText } from '../format/backfill.ts'
import { collectAll } from '../lib/collect-all.ts'
import { assertTenant } from '../lib/assert-tenant.ts'
import {
  runCommand,
  runForSystem,
  systemCommand,
  type CommandResult,
  type CommonOptions,
} from '../lib/command.ts'
import { confirm } from '../lib/confirm.ts'
import type { CommandContext, SharedContext } from '../lib/context.ts'
import { backfillAction } from '../../operations/backfill-action.ts'
import { currentDeletion } from '../../operations/deletion-notices.ts'
import { isUnknownPerson } from '../lib/unknown-person.ts'
import { wholeNumber } from '../lib/values.ts'
import { printLines } from '../format/output.ts'
import { progressBar } from '../format/progress-bar.ts'

interface BackfillOptions extends CommonOptions, Omit<BackfillInput, 'system' | 'carried'> {
  readonly yes?: boolean
}

const CONTROLS = ['pause', 'resume', 'cancel'] as const
type Control = (typeof CONTROLS)[number]

export function backfillCommand(help: CommandHelp): Command {
  return systemCommand(
    help,
    'backfill',
    'Find all people with incomplete records and repair them. A dry run unless --fix is given. Deletes nothing, except records that nobody owns where --remove is given too.',
    [
      `backfill ${help.system}                      a dry run: prints a plan`,
      `backfill ${help.system} --last 10 --fix`,
      `backfill ${help.system} --id ${help.id} --fix`,
      `backfill ${help.system} --plan 1f2e3d4c --fix   apply exactly that plan, or refuse`,
      'backfill pause <run>                  likewise resume and cancel',
    ],
  )
    .addArgument(new Argument('[action]', `the system; or, for a running backfill: ${CONTROLS.join(', ')}`))
    .argument('[run]', 'the id of the running backfill, shown below its progress')
    .option('--tenant <tenant>', 'only this tenant (default: all)')
    .option('--last <n>', 'only the last <n> people who signed up', wholeNumber())
    .option('--id <id>', 'only this person')
    .option('--fix', 'repair, then check again exactly the people who were changed')
    .option(
      '--remove',
      'with --fix: after the repairs, remove records that nobody owns; refused where the system removes none',
    )
    .option(
      '--plan <id>',
      'apply exactly this plan, or refuse and report what has changed since; needs --fix',
    )
    .option(
      '--max-changes <n>',
      'change at most <n> people (default: 5 % of all, at least 100, at most 500)',
      wholeNumber(),
    )
    .option('--yes', 'do not ask for confirmation')
    .action((...given: [string, string | undefined, string | undefined, BackfillOptions]) => {
      const [first, second, third, options] = given
      // `backfill pause <run>` as well as `backfill <system> pause <run>`.
      const wish = CONTROLS.find((name) => name === first)
      const control = wish ?? CONTROLS.find((name) => name === second)
      if (wish !== undefined)
        return runCommand(options, (context) => controlled(context, supportedSystems(), wish, second))
      return runForSystem(first, options, async (context) => {
        if (control !== undefined) return controlled(context, [context.system], control, third)
        if (second !== undefined)
          throw new UsageError(
            `A backfill has no command '${second}'. The commands are: ${CONTROLS.join(', ')}.`,
          )
        return filled(context, context.system, options)
      })
    })
}

async function controlled(
  context: SharedContext,
  systems: readonly System[],
  wish: Control,
  name: string | undefined,
): Promise<CommandResult> {
  if (name === undefined) throw new UsageError(`Give the id of the backfill: holdfast backfill ${wish} <run>`)
  const runs = await context.runs()
  const found = await runs.findBackfill(name, systems)
  const system = found?.system ?? null
  await context.acting.begin({ system, name: `backfill ${wish}`, kind: 'change', scope: name })
  const done = found !== null && (await runs.control(found.workflowId, wish))
  if (!done) return errorResult(`No backfill '${name}' is running.`)
  const words = {
    pause: `Paused: no further repairs start; those in flight continue. To resume: holdfast backfill resume ${name}`,
    resume: 'Resumed.',
    cancel: 'Cancelled: no further repairs start; those in flight continue.',
  }
  return { document: { run: name, [`${wish}Asked`]: true }, text: words[wish] }
}

async function filled(
  context: CommandContext,
  system: System,
  options: BackfillOptions,
): Promise<CommandResult> {
  const { tenant, last, id, fix = false, remove = false, plan, maxChanges, yes = false } = options
  if (fix) context.assertWrites()
  if (plan !== undefined && !fix)
    throw new UsageError('--plan requires --fix: without it nothing would be applied.')
  assertTenant(context, tenant)
  if (id !== undefined) {
    context.person(id)
    const deletion = await currentDeletion(context, id)
    if (deletion !== null) return errorResult(`${deletion} There is nothing to repair.`)
  }
  const input: BackfillInput = {
    ...(tenant === undefined ? {} : { tenant }),
    ...(last === undefined ? {} : { last }),
    ...(id === undefined ? {} : { id }),
    ...(fix ? { fix } : {}),
    ...(remove ? { remove } : {}),
    ...(plan === undefined ? {} : { plan }),
    ...(maxChanges === undefined ? {} : { maxChanges }),
  }
  const runs = await context.runs()
  const asks = fix && !yes && options.json !== true && process.stdin.isTTY && process.stderr.isTTY
  if (asks && plan === undefined) {
    const seen = await run(runs, system, { ...input, fix: false })
    const changes = await changesOf(context, seen, remove)
    if (id !== undefined && (await isUnknown(context, seen))) return unknownEverywhere(context, id)
    if (seen.totalMissing === 0) return answerOf(system, seen, changes)
    printLines(`${planText(system, seen, changes)}\n`)
    if (!(await confirm(questionOf(seen), options))) return errorResult('Nothing was changed.')
    await beginFix(context, { ...input, plan: seen.planId })
    return answerOf(
      system,
      await run(runs, system, {
        fix,
        plan: seen.planId,
        ...(remove ? { remove } : {}),
        ...(maxChanges === undefined ? {} : { maxChanges }),
      }),
      [],
    )
  }
  if (fix) await beginFix(context, input)
  const result = await run(runs, system, input)
  if (id !== undefined && (await isUnknown(context, result))) return unknownEverywhere(context, id)
  return answerOf(system, result, result.dryRun ? await changesOf(context, result, remove) : [])
}

function questionOf({ totalMissing, removals }: BackfillResult): string {
  const repairs = totalMissing - removals
  const whom = repairs === 1 ? 'this person' : `these ${repairs} people`
  if (removals === 0) return `Repair ${whom}?`
  const removal = `emove the records of ${countedPeople(removals)}, for good?`
  return repairs === 0 ? `R${removal}` : `Repair ${whom}, and r${removal}`
}

function beginFix(context: CommandContext, input: BackfillInput): Promise<void> {
  return context.acting.begin({ ...backfillAction(input), requires: 'admin' })
}

async function run(runs: Runs, system: System, input: BackfillInput): Promise<BackfillResult> {
  const workflowId = await runs.startBackfill(system, input)
  const bar = progressBar(`To pause it: holdfast backfill pause ${workflowId}`)
  try {
    return (await runs.follow(workflowId, bar.show)) as BackfillResult
  } finally {
    bar.done()
  }
}

/** Whether the requested person is unknown to all stores and providers. */
async function isUnknown(context: CommandContext, { planId }: BackfillResult): Promise<boolean> {
  const { findings, plans } = await context.state()
  const plan = await plans.load(planId)
  const rows = plan === null ? [] : await collectAll(findings.iteratePeople(plan.audit))
  return rows.length > 0 && rows.every(isUnknownPerson)
}

async function changesOf(
  context: CommandContext,
  { planId }: BackfillResult,
  remove: boolean,
): Promise<Finding[]> {
  const { findings, plans } = await context.state()
  const plan = await plans.load(planId)
  if (plan === null) return []
  return collectAll(planned(findings.iterate(plan.audit), { remove }))
}

function answerOf(system: System, result: BackfillResult, changes: readonly Finding[]): CommandResult {
  const { dryRun, refused, failed, verified, totalMissing } = result
  const whole = dryRun || (refused === null && failed === 0 && verified === totalMissing)
  return {
    document: dryRun ? { ...result, changes } : result,
    text: backfillText(system, result, changes),
    exitCode: whole && refused === null ? EXIT.done : EXIT.failed,
  }
}
