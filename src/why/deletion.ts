import type { OpenState } from '../state/open.ts'
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
    readonly state: () => Promise<OpenState>
    readonly hash: (identity: string) => string
  },
): Promise<DeletionState> {
  const { state } = await outside.state()
  const [tombstone, heldSince, pause] = await Promise.all([
    state.tombstones(outside.hash).find(identity),
    state.heldActions.heldSince('deletions', outside.hash(identity)),
    state.switches.pauseOf('deletions'),
  ])
  return { tombstone, heldSince, pausedSince: pause?.since ?? null }
}
