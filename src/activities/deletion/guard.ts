import { OutsideError } from '../../domain/outside-error.ts'
import type { Deletions } from '../../client/deletions.ts'
import type { ProviderPeople } from './answers.ts'
import type { Tombstone, Tombstones } from '../../state/ports/tombstones.ts'

/** The dependencies of a step that checks for a deletion of its person, before or after its work. */
export interface DeletionGuardDeps {
  readonly tombstones: Tombstones
  readonly deletions: Deletions
  readonly provider: ProviderPeople
}

/** The shortest time after which a signup checks again whether the previous deletion is complete. */
const SOONEST_MS = 5_000
/** The longest such time: fifteen minutes with jitter. */
const LATEST_MS = 13 * 60_000

/**
 * Whether the person was deleted, so that nothing may be written for them. A tombstone does not apply to a person whom
 * the provider created after it, once the deletion is complete; until then their signup waits. Any other step that
 * finds the tombstone is late and has left a trace at Temporal, which another run of the deletion deletes. `seen`: the
 * provider's answer as just read; left out, the provider is queried, but only where there is a tombstone.
 */
export async function checkDeletion(
  deps: DeletionGuardDeps,
  identity: string,
  seen?: { readonly createdAt: Date } | null,
): Promise<boolean> {
  const tombstone = await deps.tombstones.find(identity)
  if (tombstone === null) return false
  const person = deps.provider.locate(identity)
  const { tenant } = person
  const createdAt = seen === undefined ? await deps.provider.createdAt(person) : (seen?.createdAt ?? null)
  if (createdAt === null || createdAt <= tombstone.at) {
    await deps.deletions.requestSweep({ tenant, identity })
    return true
  }
  if (tombstone.finishedAt === null) {
    // The deletion may have been terminated by an operator: this joins the running one, or starts it again.
    if (isSlow(tombstone)) await deps.deletions.requestSweep({ tenant, identity })
    throw deletionInProgress(tombstone)
  }
  await deps.tombstones.lift(identity, tombstone)
  return false
}

function isSlow({ at }: Pick<Tombstone, 'at'>): boolean {
  return Date.now() - at.getTime() > LATEST_MS
}

/**
 * A planned wait, not a problem. The longer ago the person was deleted, the longer the time between checks: the
 * deletion notifies a waiting signup when it is complete, and `retry` ends the wait as any other.
 */
export function deletionInProgress({ at }: Pick<Tombstone, 'at'>): OutsideError {
  const wait = Math.min(Math.max(Date.now() - at.getTime(), SOONEST_MS), LATEST_MS)
  return new OutsideError('deletion-under-way', 'a deletion of this person is still running', {
    retryAt: new Date(Date.now() + wait),
  })
}
