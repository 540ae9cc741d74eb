import type { StateDb, StateTables } from '../tables.ts'
import { createExpiry } from './expiry.ts'

type ExpiringTable = {
  [Name in keyof StateTables]: 'expires_at' extends keyof StateTables[Name] ? Name : never
}[keyof StateTables]

/** Without the record of actions, from which only a function of its own deletes. */
type SweptTable = Exclude<ExpiringTable, 'holdfast.actions' | 'holdfast.action_outcomes'>

/** A table that is missing here does not compile. */
const SWEPT: Readonly<Record<SweptTable, true>> = {
  'holdfast.alerts': true,
  'holdfast.audit_findings': true,
  'holdfast.audit_marks': true,
  'holdfast.audit_people': true,
  'holdfast.audits': true,
  'holdfast.counted_events': true,
  'holdfast.event_counts': true,
  'holdfast.failed_mails': true,
  'holdfast.gap_totals': true,
  'holdfast.ignored': true,
  'holdfast.limited_actions': true,
  'holdfast.old_deletions': true,
  'holdfast.plans': true,
  'holdfast.quarantine': true,
  'holdfast.quarantine_days': true,
  'holdfast.seen_events': true,
  'holdfast.total_events': true,
  'holdfast.totals': true,
  'holdfast.workers': true,
}

export const EXPIRING_TABLES = Object.keys(SWEPT) as readonly SweptTable[]

/**
 * Deletes expired rows of one table with each call, and of the next one with the next call. A process that calls it
 * every few seconds keeps no row much longer than it should be, also in a table to which nothing is written any more.
 */
export function createSweep(db: StateDb): () => Promise<void> {
  const expiries = EXPIRING_TABLES.map((table) => createExpiry(db, table))
  let calls = 0
  return async () => {
    const expire = expiries[calls % expiries.length]
    calls += 1
    await expire?.()
  }
}
