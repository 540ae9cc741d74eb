/**
 * What may be wrong with an identity's records. The names are stable: scripts and alerts hold on to them.
 * Sentences, fixes and repairs stand in `domain/gaps.ts`.
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
  'unverified-too-long',
  'index-not-equivalent',
] as const
export type Gap = (typeof GAPS)[number]

/**
 * How a gap is mended without a person: by the person's own signup workflow where the outside world is involved, by
 * their `syncHandle` where only the handle is, by a statement on the database where that is enough.
 */
export type Repair = 'signup' | 'handle' | 'database'

/** One gap of one identity. What belongs to nobody stands under its own name (a DID, an index), tenant `-`. */
export interface Finding {
  readonly identity: string
  readonly tenant: string
  readonly kind: Gap
  /** ISO 8601, as far as any store tells; null where none does. */
  readonly since: string | null
  /** What the stores say, never an e-mail address. The same while nothing moves: plans are compared by it. */
  readonly evidence: Readonly<Record<string, string>>
  /** Null where a person has to decide. */
  readonly repair: Repair | null
}
