import type { Auth0Person } from '../adapters/auth0.ts'
import type { Tombstone } from '../adapters/mongo/tombstones.ts'
import { OutsideError } from '../domain/outside-error.ts'
import type { AtprotoDeps } from './atproto-deps.ts'

/** How soon a signup asks again whether the deletion before it is over. */
const SOONEST_MS = 5_000
/** And how late: with what the wait is spread by, fifteen minutes. */
const LATEST_MS = 13 * 60_000

/**
 * Whether the person was deleted, so that nothing may be written for them. A tombstone yields to somebody whom the
 * provider created after it, once the deletion is over; until then their signup waits its turn. Whoever else meets it
 * came late, and left a trace at Temporal that one more run of the deletion takes away. `seen`: the person as just
 * read; left out, Auth0 is asked, but only where there is a tombstone.
 */
export async function isDeleted(
  deps: AtprotoDeps,
  identity: string,
  seen?: Auth0Person | null,
): Promise<boolean> {
  const tombstone = await deps.tombstones.find(identity)
  if (tombstone === null) return false
  const { name, userId, auth0 } = deps.tenantOf(identity)
  const person = seen === undefined ? await auth0.person(userId) : seen
  if (person === null || person.createdAt <= tombstone.at) {
    await deps.deletions.sweep({ tenant: name, identity })
    return true
  }
  if (tombstone.finishedAt === null) throw deletionUnderWay(tombstone)
  await deps.tombstones.lift(identity, tombstone)
  return false
}

/**
 * A turn to wait for, not a problem. The longer the deletion takes, the less often it is asked after: it tells who
 * waits when it is over, and `retry` ends the wait as any other.
 */
export function deletionUnderWay({ at }: Pick<Tombstone, 'at'>): OutsideError {
  const soFar = Date.now() - at.getTime()
  const wait = Math.min(Math.max(soFar, SOONEST_MS), LATEST_MS)
  return new OutsideError('deletion-under-way', 'a deletion of this person is not over', {
    retryAt: new Date(Date.now() + wait),
  })
}
