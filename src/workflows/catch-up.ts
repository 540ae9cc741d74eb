import {
  continueAsNew,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow'
import type { IntakeActivities } from '../activities/atproto/catch-up/activities.ts'
import { catchUpProgress, type CatchUpInput, type CatchUpProgress } from '../contracts/catch-up.ts'
import { retry } from '../contracts/messages.ts'
import { RETRY_AFTER_WORKER_LOSS } from './lib/attempts.ts'
import { catchUpDetails } from './lib/catch-up-details.ts'
import { badInput } from './lib/input.ts'
import { ownSystem } from './lib/own-system.ts'
import { createRetryLoop } from './lib/retry-loop.ts'
import { withDescription } from './lib/descriptions.ts'

const activities = proxyActivities<IntakeActivities>({
  startToCloseTimeout: '10m',
  heartbeatTimeout: '60s',
  retry: RETRY_AFTER_WORKER_LOSS,
})

/**
 * The second of the three ways in which Holdfast learns of signups: it reads one tenant's log from where it was last
 * read to its end, then the users who were created or verified recently, since some of them leave no event. Every page
 * is stored durably before the cursor moves past it, and events seen before change nothing.
 */
export async function catchUp(input: CatchUpInput): Promise<CatchUpProgress> {
  const { system: given, tenant, carried } = { ...input } // the `temporal` command may pass no input
  const system = ownSystem(given)
  if (typeof tenant !== 'string' || tenant === '')
    throw badInput('the input needs a tenant, by its name: {"tenant":"…"}')
  let now: CatchUpProgress = carried ?? {
    system,
    tenant,
    events: 0,
    notified: 0,
    foundInLists: 0,
    duplicates: 0,
    ignored: 0,
    quarantined: 0,
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

  for (let first = true, caughtUp = false; !caughtUp; first = false) {
    const page = await retryLoop.run(() => activities.ingestLogPage({ tenant, first }))
    caughtUp = page.caughtUp
    update({
      events: now.events + page.events,
      notified: now.notified + page.notified,
      duplicates: now.duplicates + page.duplicates,
      ignored: now.ignored + page.ignored,
      quarantined: now.quarantined + page.quarantined,
      readUpTo: page.readUpTo,
      lagSeconds: caughtUp || page.readUpTo === null ? 0 : secondsSince(page.readUpTo),
      gap: page.gap,
    })
    if (workflowInfo().continueAsNewSuggested)
      await continueAsNew<typeof catchUp>({ system, tenant, carried: now })
  }

  for (const list of ['created', 'verified'] as const) {
    for (let again = true; again;) {
      const seen = await retryLoop.run(() => activities.scanRecentUsers({ tenant, list }))
      again = seen.again
      update({ foundInLists: now.foundInLists + seen.notified })
    }
  }
  return now
}

function secondsSince(time: string): number {
  return Math.max(0, Math.round((Date.now() - Date.parse(time)) / 1_000))
}
