/**
 * The verifications counted for a person. A verification is identified by the person, the address, and the number of
 * changes of address before it.
 */
export interface VerificationLedger {
  /** A keyed hash, so that the ledger names no person. */
  readonly address: string
  /** The number of known changes of the person's address. */
  readonly changes: number
  /** The changes whose address was counted as verified. */
  readonly counted: readonly number[]
  /** The time at which the latest of them was counted; absent in entries older than this field. */
  readonly countedAt?: Date
  /** Keyed hashes of all verified addresses; absent in entries older than this field. */
  readonly verified?: readonly string[]
}

/** The result of one look-up at the provider. */
export interface ProviderObservation {
  readonly address: string
  readonly verified: boolean
  readonly at: Date
  /** The provider's own time of a change of address, if an event reported one. */
  readonly changedAt: Date | null
}

export interface LedgerUpdate {
  readonly ledger: VerificationLedger
  readonly add: 0 | 1
}

/**
 * The ledger after a look-up, and its addition to the count; null where nothing changes. The address may have changed
 * from a to b and back before the look-up: then only the event's time shows it, and it counts when it is later than the
 * last counted verification. `countBefore` is the application's own count: without a ledger it is from before Holdfast.
 */
export function afterObservation(
  known: VerificationLedger | null,
  countBefore: number,
  { address, verified, at, changedAt }: ProviderObservation,
): LedgerUpdate | null {
  const countedAt = changedAt !== null && changedAt > at ? changedAt : at
  if (known === null) {
    if (verified)
      return {
        ledger: { address, changes: 0, counted: [0], countedAt, verified: [address] },
        add: countBefore > 0 ? 0 : 1,
      }
    // The earlier count was for a verified address; the present address is not verified, so it is another one.
    return countBefore > 0 ? { ledger: { address, changes: 1, counted: [0] }, add: 0 } : null
  }
  const moved = address !== known.address || changedAgain(known, changedAt)
  const changes = known.changes + (moved ? 1 : 0)
  if (!verified) return moved ? { ledger: { ...known, address, changes }, add: 0 } : null
  if (known.counted.includes(changes)) return null
  const everVerified = [...new Set([...(known.verified ?? []), address])]
  return {
    ledger: { address, changes, counted: [...known.counted, changes], countedAt, verified: everVerified },
    add: 1,
  }
}

/** A change of address that happened after this address had been counted. */
function changedAgain({ changes, counted, countedAt }: VerificationLedger, changedAt: Date | null): boolean {
  return changedAt !== null && countedAt !== undefined && counted.includes(changes) && changedAt > countedAt
}
