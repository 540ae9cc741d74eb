/** What has been counted for a person. A verification is the person, the address, and how often it had changed. */
export interface VerificationLedger {
  /** A keyed hash: the ledger names nobody. */
  readonly address: string
  /** How many times the address has changed since we know the person. */
  readonly changes: number
  /** The changes whose address was counted as verified. */
  readonly counted: readonly number[]
  /** When the latest of them was counted; absent in entries older than this field. */
  readonly countedAt?: Date
  /** Keyed hashes of all that were verified; absent in entries older than this field. */
  readonly verified?: readonly string[]
}

/** What a look at the provider showed. */
export interface Sighting {
  readonly address: string
  readonly verified: boolean
  readonly at: Date
  /** The provider's own time of a change of address, where an event told of one. */
  readonly changedAt: Date | null
}

export interface Counted {
  readonly ledger: VerificationLedger
  readonly add: 0 | 1
}

/**
 * The ledger after a sighting, and what it adds to the count; null where nothing changes. The address may have gone
 * from a to b and back before anybody looked: then only the event's time tells, and it counts when it is later than
 * what was counted last. `countBefore` is the application's own count: without a ledger it is from before us.
 */
export function afterSighting(
  known: VerificationLedger | null,
  countBefore: number,
  { address, verified, at, changedAt }: Sighting,
): Counted | null {
  const countedAt = changedAt !== null && changedAt > at ? changedAt : at
  if (known === null) {
    if (verified)
      return {
        ledger: { address, changes: 0, counted: [0], countedAt, verified: [address] },
        add: countBefore > 0 ? 0 : 1,
      }
    // Somebody was counted under an address that was verified; this one is not, so it is another.
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
