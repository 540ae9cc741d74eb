/** What a `deleteUser` workflow is started with. */
export interface DeletionInput {
  readonly identity: string
  readonly system?: string
  readonly tenant?: string
  /** When the provider deleted the person, ISO 8601, as its event says; else the time at which it no longer knows them. */
  readonly deletedAt?: string
  /** Delete although the provider still knows the person. */
  readonly force?: boolean
  /** What an earlier run of the same deletion took away, when it continues as new. */
  readonly carried?: Readonly<Record<string, number>>
  /** Of that, what its tombstone does not say yet. */
  readonly untold?: Readonly<Record<string, number>>
}

/**
 * `deleted`: nothing is left of the person. `still-known`: the provider knows them, so an event was wrong, or the
 * deletion needs to be forced. `created-anew`: what there is belongs to a person created after that deletion.
 */
export type DeletionOutcome = 'deleted' | 'still-known' | 'created-anew'

/** The proof of a deletion, and the workflow's result. Nothing in it names a person. */
export interface DeletionProof {
  readonly outcome: DeletionOutcome
  /** The time of the tombstone; null where nothing was deleted. */
  readonly deletedAt: string | null
  readonly finishedAt: string
  /** What was taken away, by store: collections, `pds`, `temporal`. */
  readonly erased: Readonly<Record<string, number>>
}
