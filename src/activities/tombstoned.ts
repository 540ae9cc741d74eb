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
  if (tombstone.finishedAt === null) {
    // It may have been ended by somebody: this joins the one that runs, or begins it once more.
    if (isSlow(tombstone)) await deps.deletions.sweep({ tenant: name, identity })
    throw deletionUnderWay(tombstone)
  }
  await deps.tombstones.lift(identity, tombstone)
  return false
}

function isSlow({ at }: Pick<Tombstone, 'at'>): boolean {
  return Date.now() - at.getTime() > LATEST_MS
}

/**
 * A turn to wait for, not a problem. The longer ago the person was deleted, the less often is asked: the deletion tells
 * who waits when it is over, and `retry` ends the wait as any other.
 */
export function deletionUnderWay({ at }: Pick<Tombstone, 'at'>): OutsideError {
  const wait = Math.min(Math.max(Date.now() - at.getTime(), SOONEST_MS), LATEST_MS)
  return new OutsideError('deletion-under-way', 'a deletion of this person is not over', {
    retryAt: new Date(Date.now() + wait),
  })
}
