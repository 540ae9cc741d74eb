/** The part of a document of `holdfast_tombstones` that the proof reads. */
export interface StoredTombstone {
  readonly _id: string
  readonly finishedAt: Date | null
  readonly leftTo?: readonly string[]
}

/**
 * Deletions that left an account to a person who has none, by keyed hash. `living`: the people whose user records name
 * an account. With a holder who was deleted later, the account went too.
 */
export function accountsLeftToNobody(
  tombstones: readonly StoredTombstone[],
  living: ReadonlySet<string>,
): string[] {
  const gone = new Set(tombstones.filter(({ finishedAt }) => finishedAt !== null).map(({ _id }) => _id))
  return tombstones.flatMap(({ _id, leftTo = [] }) =>
    leftTo
      .filter((holder) => !living.has(holder) && !gone.has(holder))
      .map((holder) => `the deletion of ${_id} left an account to ${holder}, who has none`),
  )
}
