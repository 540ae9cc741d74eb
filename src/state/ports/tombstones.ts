import type { DeletionSource } from '../../contracts/deletion.ts'

/** The origin of the deletion: an event of the provider, an operator's command, or a forced one. */
export type DeletedBy = DeletionSource | 'force'

export interface Tombstone {
  /** The time of the deletion; a person created later under the same identity is another person. */
  readonly at: Date
  /** Null while the deletion is in progress. */
  readonly finishedAt: Date | null
  readonly erased: Readonly<Record<string, number>>
  /** The first origin; null where it is not known. */
  readonly by: DeletedBy | null
  /** Keyed hashes of the people with whom an account of this person's stayed, since their records name it too. */
  readonly leftTo: readonly string[]
}

export interface Tombstones {
  find(identity: string): Promise<Tombstone | null>
  /** The tombstones of many people, by identity, in one query; people without one are left out. */
  findAll(identities: readonly string[]): Promise<Map<string, Tombstone>>
  /** The number of people deleted since then. */
  countSince(since: Date): Promise<number>
  /**
   * The number of deleted people whose account stayed with a person who still lives. A holder who was deleted later is
   * not counted, since the account went with them.
   */
  countAccountsLeft(): Promise<number>
  /** Stores the tombstone before any data is deleted; a later time replaces the stored one, an earlier one does not. */
  set(identity: string, at: Date, by?: DeletedBy): Promise<void>
  /** Marks the deletion as complete. Counts are added to those of earlier deletions. */
  finish(
    identity: string,
    erased: Readonly<Record<string, number>>,
    rest?: { readonly unjudged?: number; readonly leftTo?: readonly string[] },
  ): Promise<void>
  /**
   * Removes the tombstone for a person created anew: only if it is unchanged since `seen`, and only when its deletion
   * is complete.
   */
  lift(identity: string, seen: Tombstone): Promise<void>
}
