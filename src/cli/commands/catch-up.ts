import { ConfigError, type Env } from '../../config.ts'
import type { ServedSystem } from '../../systems/system.ts'
import type { CommandHelp } from '../../systems/command-part.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { createCatchUps, type CatchUps } from '../../client/catch-ups.ts'
import { unservedQueues } from '../../client/pollers.ts'
import type { CatchUpProgress } from '../../contracts/catch-up.ts'
import { taskQueueOf } from '../../contracts/systems.ts'
import { problemText } from '../../domain/problems.ts'
import { EXIT, UsageError } from '../../errors.ts'
import { errorResult } from '../lib/error-results.ts'
import { unknownTenant } from '../lib/assert-tenant.ts'
import { progressResult, cursorsResult } from '../format/catch-up.ts'
import {
  runForSystem,
  systemCommand,
  systemsWith,
  type CommandResult,
  type CommonOptions,
} from '../lib/command.ts'
import type { CommandContext } from '../lib/context.ts'
import { startOldDeletions } from './parts/old-deletions.ts'

/** After this time the command ends and the catch-up continues without it. */
const LONGEST_MS = 10 * 60_000
const STEP_MS = 300
/** Events that need an operator's action are shown for the last days. */
const NOTED_MS = 7 * 24 * 3_600_000

interface CatchUpOptions extends CommonOptions {
  readonly tenant?: string
  readonly status?: boolean
  readonly closeGap?: boolean
  readonly withOldDeletions?: boolean
  readonly yes?: boolean
}

export function catchUpCommand(help: CommandHelp): Command {
  return systemCommand(
    help,
    'catch-up',
    "Read the provider's log from the last position to its end, and find users who left no event in it.",
    [
      `catch-up ${help.system}`,
      help.example.tenant && `catch-up ${help.system} --tenant ${help.example.tenant} --json`,
      `catch-up ${help.system} --status       show how far each log has been read, without reading`,
      `catch-up ${help.system} --close-gap    clear a gap, after an audit of all people`,
      `catch-up ${help.system} --with-old-deletions    delete people whom the provider deleted before Holdfast was installed`,
    ],
  )
    .option('--tenant <name>', 'only this tenant')
    .option('--status', 'only show how far the log has been read, and the lag')
    .option('--close-gap', 'clear the gap (a time that could not be read), after an audit')
    .option(
      '--with-old-deletions',
      'read to the end, then carry out deletions from before Holdfast was installed; skips people whom the provider knows',
    )
    .option('--yes', 'do not ask for confirmation')
    .action(
      (system: string, { tenant, status, closeGap, withOldDeletions, yes, ...common }: CatchUpOptions) =>
        runForSystem(system, common, async (context) => {
          const tenants = await selectedTenants(context, tenant)
          if (closeGap === true) {
            context.assertWrites()
            await context.acting.begin({
              name: 'catch-up --close-gap',
              kind: 'change',
              scope: tenants.join(', '),
            })
            return closed(context, tenants)
          }
          if (status === true) return standing(context, tenants)
          await context.acting.begin({ name: 'catch-up', kind: 'change', scope: tenants.join(', ') })
          const read = await caughtUp(context, tenants)
          if (withOldDeletions !== true || read.exitCode === EXIT.failed) return read
          context.assertWrites()
          return startOldDeletions(context, tenants, { ...common, yes })
        }),
    )
}

async function selectedTenants(context: CommandContext, requested: string | undefined): Promise<string[]> {
  const { served, env, system } = context
  const names = served.catchUps(env).map(({ tenant }) => tenant)
  if (names.length === 0) {
    const having = await systemsWith(async (other) => readsEvents(other, env))
    throw new UsageError(`${system} has no events to read: \`catch-up\` applies to ${having.join(', ')}.`)
  }
  if (requested === undefined) return names
  if (!names.includes(requested)) throw new UsageError(`${unknownTenant(context, requested)}.`)
  return [requested]
}

/** A system that is not configured here names no tenants, and reads their events all the same. */
function readsEvents({ catchUps }: ServedSystem, env: Env): boolean {
  try {
    return catchUps(env).length > 0
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return true
  }
}

async function standing(context: CommandContext, tenants: readonly string[]): Promise<CommandResult> {
  const state = await context.state()
  const [standings, quarantined, counts] = await Promise.all([
    Promise.all(
      tenants.map(async (tenant) => ({
        tenant,
        cursor: await state.cursors.load(tenant),
        oldDeletions: await state.oldDeletions.count(tenant),
      })),
    ),
    state.quarantineSummary(),
    state.notedEvents.counts(new Date(Date.now() - NOTED_MS)),
  ])
  return cursorsResult(
    context.system,
    standings,
    quarantined,
    counts.filter(({ tenant }) => tenants.includes(tenant)),
    context.served.notedEvents ?? {},
  )
}

async function closed(context: CommandContext, tenants: readonly string[]): Promise<CommandResult> {
  const { cursors } = await context.state()
  const gaps: string[] = []
  for (const tenant of tenants) if (await cursors.closeGap(tenant)) gaps.push(tenant)
  if (gaps.length === 0) return errorResult('No gap is recorded.')
  return { document: { closed: gaps }, text: `Cleared the gap of ${gaps.join(', ')}.` }
}

async function caughtUp(context: CommandContext, tenants: readonly string[]): Promise<CommandResult> {
  const client = await context.temporal()
  const catchUps = createCatchUps(client, context.system)
  const started = await Promise.all(tenants.map((tenant) => catchUps.start(tenant)))
  if ((await unservedQueues(client, context.system)).includes(taskQueueOf(context.system))) {
    const { sentence, fix } = problemText('no-worker', { system: context.system, identity: '', detail: {} })
    return errorResult(`The catch-up is waiting. ${sentence} ${fix}`)
  }
  const ends = await Promise.all(started.map(({ workflowId }) => untilItRests(catchUps, workflowId)))
  return progressResult(ends)
}

/** Waits for the end, or for a problem: a problem may last, so it is reported at once. */
async function untilItRests(
  catchUps: CatchUps,
  workflowId: string,
): Promise<{ ended: boolean; progress: CatchUpProgress }> {
  const until = Date.now() + LONGEST_MS
  for (;;) {
    const now = await catchUps.progress(workflowId)
    if (now.ended || now.progress.problem !== null || Date.now() >= until) return now
    await sleep(STEP_MS)
  }
}
