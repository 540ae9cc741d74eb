import {
  continueAsNew,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow'
import type { IntakeActivities } from '../activities/intake.ts'
import { catchUpProgress, type CatchUpInput, type CatchUpProgress } from '../contracts/catch-up.ts'
import { retry } from '../contracts/messages.ts'
import { describeCatchUp } from './lib/catch-up-details.ts'
import { createPatience } from './lib/patience.ts'

/** A few quick tries; then the problem is shown, and the wait begins. */
const activities = proxyActivities<IntakeActivities>({
  startToCloseTimeout: '10m',
  heartbeatTimeout: '60s',
  retry: { maximumAttempts: 3, initialInterval: '500ms', backoffCoefficient: 3 },
})

/**
 * The second of the three ways by which a signup becomes known: one tenant's log from where it was last read to its
 * end, then the users who came or were verified lately, since some of them leave no event. Every page is durable
 * before the cursor moves past it, and whatever was seen before changes nothing.
 */
export async function catchUp({
  system = 'atproto',
  tenant,
  carried,
}: CatchUpInput): Promise<CatchUpProgress> {
  let now: CatchUpProgress = carried ?? {
    system,
    tenant,
    events: 0,
    told: 0,
    found: 0,
    duplicates: 0,
    ignored: 0,
    quarantined: 0,
    readUpTo: null,
    lagSeconds: 0,
    gap: null,
    problem: null,
  }
  const know = (facts: Partial<CatchUpProgress>): void => {
    now = { ...now, ...facts }
    setCurrentDetails(describeCatchUp(now))
  }
  const patience = createPatience(system, (problem) => know({ problem }))
  setHandler(catchUpProgress, () => now)
  setHandler(retry, patience.retry)

  for (let first = true, caughtUp = false; !caughtUp; first = false) {
    const page = await patience.run(() => activities.readLogPage({ tenant, first }))
    caughtUp = page.caughtUp
    know({
      events: now.events + page.events,
      told: now.told + page.told,
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
      const seen = await patience.run(() => activities.lookForUsers({ tenant, list }))
      again = seen.again
      know({ found: now.found + seen.told })
    }
  }
  return now
}

function secondsSince(time: string): number {
  return Math.max(0, Math.round((Date.now() - Date.parse(time)) / 1_000))
}
