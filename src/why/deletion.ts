import { createHeldActions } from '../state/mongo/safety-limits.ts'
import { createSwitches } from '../state/mongo/switches.ts'
import { createTombstones } from '../state/mongo/tombstones.ts'
import type { Db } from 'mongodb'
import type { System } from '../contracts/systems.ts'
import type { Tombstone } from '../state/ports/tombstones.ts'

/** The known state of a person's deletion. */
export interface DeletionState {
  readonly tombstone: Tombstone | null
  /** Since when the safety limit holds it, ISO 8601. */
  readonly heldSince: string | null
  /** Since when all deletions are paused, ISO 8601. */
  readonly pausedSince: string | null
}

export async function loadDeletionState(
  identity: string,
  outside: {
    readonly system: System
    readonly db: () => Db
    readonly hash: (identity: string) => string
  },
): Promise<DeletionState> {
  const db = outside.db()
  const [tombstone, heldSince, pause] = await Promise.all([
    createTombstones(db, outside.system, outside.hash).find(identity),
    createHeldActions(db, outside.system).heldSince('deletions', outside.hash(identity)),
    createSwitches(db, outside.system).pauseOf('deletions'),
  ])
  return { tombstone, heldSince, pausedSince: pause?.since ?? null }
}
