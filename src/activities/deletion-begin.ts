import type { DeletionInput } from '../contracts/deletion.ts'
import type { AtprotoDeps } from './atproto-deps.ts'
import type { DeletionBegun } from './deletion.ts'

/**
 * Whether a deletion goes on, by what the provider says now: an event is a hint, and may be wrong, old, or about a
 * person who had this identity before. The tombstone's time tells the two apart from here on.
 */
export function createDeletionBegin({ tenantOf, tombstones, users }: AtprotoDeps) {
  return async ({ identity, deletedAt, force = false }: DeletionInput): Promise<DeletionBegun> => {
    const { auth0, userId } = tenantOf(identity)
    const before = await tombstones.find(identity)
    const now = new Date()
    const person = await auth0.person(userId)
    // A deletion that was begun and never ended was judged then; somebody new waits for its end.
    const cutShort = before !== null && before.finishedAt === null
    const ofBefore = cutShort && person !== null && !force
    // For a known person what an earlier deletion says; without an event's word, when they were seen to be gone.
    const told = ofBefore ? Number.NaN : Date.parse(deletedAt ?? '')
    const at = Number.isNaN(told) ? (person === null ? now : (before?.at ?? now)) : new Date(told)

    const judged = person === null || cutShort
    if (!judged && person.createdAt > at) {
      // Somebody new. What was there before them goes all the same; their own records stay.
      const since = (await users.load(identity))?.when
      if (!(since instanceof Date) || since > at) return { goOn: false, outcome: 'created-anew' }
    } else if (!judged && !force && (before === null || person.createdAt > before.at)) {
      return { goOn: false, outcome: 'still-known' }
    }
    await tombstones.set(identity, at)
    return { goOn: true, deletedAt: at.toISOString() }
  }
}
