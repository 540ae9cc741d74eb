import type { LimitedStep } from './problems.ts'

/** Input of a `deleteUser` workflow. */
export interface DeletionInput {
  readonly identity: string
  readonly system?: string
  readonly tenant?: string
  /**
   * When the provider deleted the person, ISO 8601, as its event says; otherwise the time at which the provider was
   * found not to know them.
   */
  readonly deletedAt?: string
  /** Delete although the provider still knows the person. */
  readonly force?: boolean
  /**
   * `command`: an operator requested it for this one person, so the safety limit does not apply. Everything else counts
   * as `event`.
   */
  readonly by?: DeletionSource
  /** The provider's event is from before Holdfast was installed: it never deletes a person the provider still knows. */
  readonly predatesInstall?: boolean
  /** Counts of what the previous run of this deletion removed, when it continues as new. */
  readonly carried?: Readonly<Record<string, number>>
  /** The part of `carried` that the tombstone does not record yet. */
  readonly unrecorded?: Readonly<Record<string, number>>
  /** Keyed hashes of the people who keep an account, carried over when it continues as new. */
  readonly leftTo?: readonly string[]
  readonly limited?: LimitedStep
}

export type DeletionSource = 'event' | 'command'

/**
 * `deleted`: nothing is left of the person. `still-known`: the provider knows them, so an event was wrong, or the
 * deletion needs to be forced. `created-anew`: what there is belongs to a person created after that deletion.
 * `recorded`: the event is from before Holdfast was installed, so nothing was deleted.
 */
export type DeletionOutcome = 'deleted' | 'still-known' | 'created-anew' | 'recorded'

/**
 * A deletion that continues has written its tombstone, and so has one that ends as `deleted`, since nothing exists of
 * the person; any other that does not continue has changed nothing.
 */
export type DeletionBegun =
  | { readonly goOn: true; readonly deletedAt: string }
  | { readonly goOn: false; readonly outcome: 'deleted'; readonly deletedAt: string }
  | { readonly goOn: false; readonly outcome: Exclude<DeletionOutcome, 'deleted'> }

/** The outcome of one search for a person's accounts. */
export interface AccountRemoval {
  readonly removed: number
  /** An account creation was attempted and its answer may have been lost: search again later. */
  readonly unsettled: boolean
  /** Keyed hashes of the people who keep an account, since it is theirs too; left out where there are none. */
  readonly leftTo?: readonly string[]
}

/** The proof of a deletion, and the workflow's result. Nothing in it names a person. */
export interface DeletionProof {
  readonly outcome: DeletionOutcome
  /** The time of the tombstone; null where nothing was deleted. */
  readonly deletedAt: string | null
  readonly finishedAt: string
  /** Counts of what was removed, by store: collections, `pds`, `temporal`. */
  readonly erased: Readonly<Record<string, number>>
  /**
   * Quarantined events that could not be matched to a person: no key decrypts them, and no hashes were kept. They
   * expire. Left out where there are none.
   */
  readonly unjudged?: number
  /**
   * Keyed hashes of people who are not deleted and whose records name an account of this person too: they keep it. Left
   * out where there are none.
   */
  readonly leftTo?: readonly string[]
}
