import { workflowInfo } from '@temporalio/workflow'
import type { PhasePlace, RepairBy, VerifyPlace } from '../../contracts/backfill.ts'
import type { OutageOptions, ThroughOutages } from './outage.ts'
import { auditActivities } from './scan.ts'

/** The options of all phases. Each changes its position in place, which is handed on when the run continues as new. */
export interface PageOptions extends OutageOptions {
  readonly auditId: string
  readonly throughOutages: ThroughOutages
}

export type MutablePlace<P> = { -readonly [K in keyof P]: P[K] }

/**
 * Repairs page after page by statements of the database, or removes records. It stops between two pages while it is
 * paused, and continues as new there.
 */
export async function repairByPages(
  by: 'database' | 'remove',
  place: MutablePlace<PhasePlace>,
  { auditId, view, throughOutages, continueAsNew }: PageOptions,
): Promise<void> {
  const repair = by === 'database' ? auditActivities.repairInDatabase : auditActivities.removeRecords
  while (!place.done) {
    await view.notPaused()
    if (workflowInfo().continueAsNewSuggested) await continueAsNew()
    const { after } = place
    const page = await throughOutages(() => repair({ auditId, after, namesAtMost: view.namesLeft() }))
    view.addPage(by, page)
    view.publish()
    place.after = page.next
    place.done = page.next === null
  }
}

const WAYS: readonly RepairBy[] = ['database', 'workflow', 'remove']

/** The position at which the check of everybody who was changed begins. */
export function verifyBeginning(): MutablePlace<VerifyPlace> {
  return { by: 'database', after: null, verified: 0 }
}

/**
 * Checks again, page by page, everybody who was changed, and returns how many have nothing left to repair. `ways`: those
 * in which somebody was repaired.
 */
export async function verifyByPages(
  place: MutablePlace<VerifyPlace>,
  ways: ReadonlySet<RepairBy>,
  { auditId, view, throughOutages, continueAsNew }: PageOptions,
): Promise<number> {
  for (const by of WAYS.slice(WAYS.indexOf(place.by))) {
    if (by !== place.by) Object.assign(place, { by, after: null })
    for (let more = ways.has(by); more;) {
      await view.notPaused()
      if (workflowInfo().continueAsNewSuggested) await continueAsNew()
      const { after } = place
      const page = await throughOutages(() => auditActivities.verifyRepairs({ auditId, by, after }))
      place.verified += page.verified
      place.after = page.next
      more = page.next !== null
    }
  }
  return place.verified
}
