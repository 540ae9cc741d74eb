import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { createCursors } from '../adapters/mongo/cursors.ts'
import { createCatchUps, type CatchUps } from '../client/catch-ups.ts'
import { unservedQueues } from '../client/pollers.ts'
import type { CatchUpProgress } from '../contracts/catch-up.ts'
import { taskQueueOf } from '../contracts/systems.ts'
import { problemText } from '../domain/problems.ts'
import { UsageError } from '../entry.ts'
import { no } from './answers.ts'
import { progressAnswer, standingAnswer } from './catch-up-text.ts'
import { answer, systemCommand, type Answer, type CommonOptions } from './command.ts'
import type { CommandContext } from './context.ts'

/** A long one goes on without the command. */
const LONGEST_MS = 10 * 60_000
const STEP_MS = 300

interface CatchUpOptions extends CommonOptions {
  readonly tenant?: string
  readonly status?: boolean
  readonly closeGap?: boolean
}

export function catchUpCommand(): Command {
  return systemCommand(
    'catch-up',
    "Read the provider's log from where it was last read to its end, and the users who left no event there.",
    [
      'catch-up atproto',
      'catch-up atproto --tenant aesthetic --json',
      'catch-up atproto --status       how far each tenant has been read, without reading',
      'catch-up atproto --close-gap    forget a gap, once an audit has looked at everybody',
    ],
  )
    .option('--tenant <name>', 'only this tenant')
    .option('--status', 'only show how far the log has been read, and how far that is behind')
    .option('--close-gap', 'forget the time that could not be read, after an audit')
    .action((system: string, { tenant, status, closeGap, ...common }: CatchUpOptions) =>
      answer(system, common, async (context) => {
        const tenants = tenantsAsked(context, tenant)
        if (closeGap === true) {
          context.assertWrites()
          return closed(context, tenants)
        }
        return status === true ? standing(context, tenants) : caughtUp(context, tenants)
      }),
    )
}

function tenantsAsked(context: CommandContext, asked: string | undefined): string[] {
  const names = context.config('tenantNames').tenantNames.map(({ name }) => name)
  if (asked === undefined) return names
  if (!names.includes(asked))
    throw new UsageError(`There is no tenant '${asked}'. Those configured: ${names.join(', ')}.`)
  return [asked]
}

async function standing(context: CommandContext, tenants: readonly string[]): Promise<Answer> {
  const cursors = createCursors(context.mongo().db)
  return standingAnswer(
    await Promise.all(tenants.map(async (tenant) => ({ tenant, cursor: await cursors.load(tenant) }))),
  )
}

async function closed(context: CommandContext, tenants: readonly string[]): Promise<Answer> {
  const cursors = createCursors(context.mongo().db)
  const gaps: string[] = []
  for (const tenant of tenants) if (await cursors.closeGap(tenant)) gaps.push(tenant)
  if (gaps.length === 0) return no('No gap is recorded.')
  return { document: { closed: gaps }, text: `Forgotten: the gap of ${gaps.join(', ')}.` }
}

async function caughtUp(context: CommandContext, tenants: readonly string[]): Promise<Answer> {
  const client = await context.temporal()
  const catchUps = createCatchUps(client)
  const started = await Promise.all(tenants.map((tenant) => catchUps.start(tenant)))
  if ((await unservedQueues(client)).includes(taskQueueOf('atproto'))) {
    const { sentence, fix } = problemText('no-worker', { system: 'atproto', identity: '', detail: {} })
    return no(`The catch-up waits. ${sentence} ${fix}`)
  }
  const ends = await Promise.all(started.map(({ workflowId }) => untilItRests(catchUps, workflowId)))
  return progressAnswer(ends)
}

/** Waits for the end, or for a problem: that may last, and is better said than waited for. */
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
