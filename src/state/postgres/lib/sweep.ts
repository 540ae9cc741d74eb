import type { StateDb, StateTables } from '../tables.ts'
import { createExpiry } from './expiry.ts'

type ExpiringTable = {
  [Name in keyof StateTables]: 'expires_at' extends keyof StateTables[Name] ? Name : never
}[keyof StateTables]

/** The tables with rows that expire, but for the record of actions, from which only its own function deletes. */
export const EXPIRING_TABLES: readonly Exclude<
  ExpiringTable,
  'holdfast.actions' | 'holdfast.action_outcomes'
>[] = [
  'holdfast.alerts',
  'holdfast.audit_findings',
  'holdfast.audit_marks',
  'holdfast.audit_people',
  'holdfast.audits',
  'holdfast.counted_events',
  'holdfast.event_counts',
  'holdfast.failed_mails',
  'holdfast.ignored',
  'holdfast.limited_actions',
  'holdfast.old_deletions',
  'holdfast.plans',
  'holdfast.quarantine',
  'holdfast.quarantine_days',
  'holdfast.seen_events',
  'holdfast.workers',
]

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
