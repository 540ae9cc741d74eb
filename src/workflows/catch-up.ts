import {
  continueAsNew,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow'
import type { CatchUpActivities } from '../activities/catch-up.ts'
import {
  catchUpProgress,
  NOTHING_READ,
  type CatchUpInput,
  type CatchUpProgress,
  type SourceCounts,
} from '../contracts/catch-up.ts'
import { retry } from '../contracts/messages.ts'
import { NO_TENANT, type System } from '../contracts/systems.ts'
import { workflowsOf } from '../contracts/vocabulary.ts'
import { RETRY_AFTER_WORKER_LOSS } from './lib/attempts.ts'
import { catchUpDetails } from './lib/catch-up-details.ts'
import { badInput } from './lib/input.ts'
import { ownSystem } from './lib/own-system.ts'
import { createRetryLoop } from './lib/retry-loop.ts'
import { withDescription } from './lib/descriptions.ts'

const activities = proxyActivities<CatchUpActivities>({
  startToCloseTimeout: '10m',
  heartbeatTimeout: '60s',
  retry: RETRY_AFTER_WORKER_LOSS,
})

/**
 * The second of the three ways in which Holdfast learns of signups: it reads one tenant's events from where they were
 * last read to their end, then the system's other sources, since some people leave no event. Every page is stored
 * durably before the cursor moves past it, and events seen before change nothing.
 */
export async function catchUp(input: CatchUpInput): Promise<CatchUpProgress> {
  const { system: given, tenant: named, carried } = { ...input } // the `temporal` command may pass no input
  const system = ownSystem(given)
  const tenant = tenantFrom(system, named)
  let now: CatchUpProgress = carried ?? {
    system,
    tenant,
    ...NOTHING_READ,
    readUpTo: null,
    lagSeconds: 0,
    gap: null,
    problem: null,
  }
  const update = (facts: Partial<CatchUpProgress>): void => {
    now = { ...now, ...facts }
    setCurrentDetails(catchUpDetails(now))
  }
  const retryLoop = createRetryLoop(system, (problem) => update({ problem }))
  setHandler(catchUpProgress, () => now, withDescription(catchUpProgress))
  setHandler(retry, retryLoop.retry, withDescription(retry))

  for (const source of workflowsOf(system).sources) {
    for (let first = true, caughtUp = false; !caughtUp; first = false) {
      const read = await retryLoop.run(() => activities.readSource({ tenant, source, first }))
      caughtUp = read.caughtUp
      const { readUpTo, gap } = read
      const behind = !caughtUp && read.counts.events > 0 && readUpTo !== null
      update({
        ...added(now, read.counts),
        readUpTo,
        gap,
        lagSeconds: behind ? secondsSince(readUpTo) : 0,
      })
      if (workflowInfo().continueAsNewSuggested)
        await continueAsNew<typeof catchUp>({ system, tenant, carried: now })
    }
  }
  return now
}

function tenantFrom(system: System, named: unknown): string {
  const { hasTenants } = workflowsOf(system)
  if (!hasTenants && (named === undefined || named === NO_TENANT)) return NO_TENANT
  if (!hasTenants) throw badInput(`${system} has no tenants: leave out the tenant`)
  if (typeof named === 'string' && named !== '') return named
  throw badInput('the input needs a tenant, by its name: {"tenant":"…"}')
}

function added(sums: SourceCounts, counts: SourceCounts): SourceCounts {
  return {
    events: sums.events + counts.events,
    notified: sums.notified + counts.notified,
    foundInLists: sums.foundInLists + counts.foundInLists,
    duplicates: sums.duplicates + counts.duplicates,
    ignored: sums.ignored + counts.ignored,
    quarantined: sums.quarantined + counts.quarantined,
  }
}

function secondsSince(time: string): number {
  return Math.max(0, Math.round((Date.now() - Date.parse(time)) / 1_000))
}
