/**
 * Gaps that an identity's records may have. The names are stable, since scripts and alerts depend on them. Their
 * sentences, fixes and repairs are in `domain/gaps.ts`.
 */
export const GAPS = [
  'verification-missing',
  'user-missing',
  'code-missing',
  'code-malformed',
  'code-duplicate',
  'account-missing',
  'account-gone',
  'handle-differs',
  'email-differs',
  'account-unowned',
  'record-unowned',
  'identity-only',
  'deleted-but-present',
  'unverified-too-long',
  'index-not-equivalent',
] as const
export type Gap = (typeof GAPS)[number]

/**
 * How a gap is repaired without an operator: by the person's own signup workflow where external systems are involved,
 * by their `syncHandle` where only the handle is, by a database statement where that is enough. `rebuild`: also by the
 * signup, which restores what was lost as it was.
 */
export type RepairMethod = 'signup' | 'handle' | 'database' | 'rebuild'

/**
 * One gap of one identity. A finding that belongs to no person has a name of its own as identity (a DID, an index) and
 * the tenant `-`.
 */
export interface Finding {
  readonly identity: string
  readonly tenant: string
  readonly kind: Gap
  /** ISO 8601, as far as it is known from any store; null otherwise. */
  readonly since: string | null
  /**
   * Evidence from the stores, never an e-mail address. It stays the same while nothing changes, since plans are
   * compared by it.
   */
  readonly evidence: Readonly<Record<string, string>>
  /** Null where an operator has to decide. */
  readonly repair: RepairMethod | null
}
