/** How an account was proven to be a person's. */
export const ACCOUNT_PROOFS = [
  /** Holdfast created it for this person. */
  'created',
  /** It opens with the password that Holdfast generated for this person before the call. */
  'login',
  /** It had the person's own code as its handle, and their verified address. */
  'code-and-address',
  /** An audit found user record, PDS and provider in agreement. */
  'agreed',
  /** The result of the person's last completed signup at Temporal names it. */
  'last-signup',
] as const
export type AccountProof = (typeof ACCOUNT_PROOFS)[number]

/** The account of a person, and how it was proven to be theirs. */
export interface RememberedAccount {
  readonly did: string
  readonly handle: string
  readonly proof: AccountProof
}

/** The records that Holdfast created for a person, or found complete, whatever the application's records say today. */
export interface RememberedRecords {
  readonly code: string
  readonly when: Date | null
  readonly account: RememberedAccount | null
}
