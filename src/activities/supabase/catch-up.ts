import type { Alerts } from '../../adapters/notify/alerts.ts'
import type { AlertFinding } from '../../contracts/alerts.ts'
import type { SupabaseCalls } from '../../adapters/supabase/connect.ts'
import type { UsersPlace } from '../../adapters/supabase/profiles.ts'
import type { IntakeParts } from '../../intake/connect.ts'
import type { ReadSource } from '../catch-up.ts'
import { PROFILE_ALERTS } from '../../domain/supabase/profile-alerts.ts'

const PAGE = 100
const SOURCE = 'users'
const FIRST_ID = '00000000-0000-0000-0000-000000000000'

export interface UsersSourceDeps extends Pick<IntakeParts, 'cursors' | 'intake'> {
  readonly supabase: Pick<SupabaseCalls, 'lackingAfter'>
  readonly alerts: Pick<Alerts, 'reconcile' | 'deliver'>
  /** The findings of `PROFILE_ALERTS`. */
  readonly inspectProfiles: () => Promise<AlertFinding[]>
  readonly graceMs: number
  readonly hash: (text: string) => string
}

/**
 * The users in the order in which they were created, from the time since which Holdfast serves them: those who are older
 * than the grace period and have no profile are notified once, and an alert is raised. Users who were created with an
 * earlier time, by an import, are found by the audit.
 */
export function usersSource({
  supabase,
  cursors,
  intake,
  alerts,
  inspectProfiles,
  graceMs,
  hash,
}: UsersSourceDeps): ReadSource {
  return async ({ tenant }) => {
    const from = await cursors.place(tenant, SOURCE)
    const place: UsersPlace =
      from === null
        ? { createdAt: (await cursors.servedSince(tenant)).toISOString(), id: FIRST_ID }
        : (JSON.parse(from) as UsersPlace)
    const { users, upTo, caughtUp } = await supabase.lackingAfter(place, graceMs, PAGE)
    if (users.length > 0) {
      const findings = await inspectProfiles()
      await alerts.reconcile({ system: 'supabase', scope: PROFILE_ALERTS, findings })
      await alerts.deliver()
    }
    const listed = users.map(({ id, createdAt }) => ({ identity: id, changeId: hash(`${id} ${createdAt}`) }))
    const notified = await intake.takeListed(tenant, listed, () => Promise.resolve())
    await cursors.advance(tenant, SOURCE, { from, to: JSON.stringify(upTo), caughtUp })
    return { counts: { foundInLists: notified, notified }, caughtUp }
  }
}
