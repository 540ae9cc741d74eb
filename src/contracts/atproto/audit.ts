import type { AuditColumn, AuditWords } from '../words.ts'

/** A person in an audit, beside the identity, the tenant and the state. */
export type PersonColumns = Readonly<{
  verified: boolean
  /** ISO 8601; null where the provider does not know the person. */
  signedUpAt: string | null
  /** How often an e-mail was verified; null where there is no record. */
  verifications: number | null
  user: boolean
  code: string | null
  /** The account's handle, or the one in the user record; the chosen one while there is no account. */
  handle: string | null
  /** The handle chosen in the application. */
  chosen: string | null
  did: string | null
  /** Whether the account's repository answers under its DID; null where the person has no DID. */
  reachable: boolean | null
}>

const COLUMNS: Readonly<Record<keyof PersonColumns, AuditColumn>> = {
  verified: { head: 'VERIFIED', type: 'yes' },
  signedUpAt: { head: 'SIGNED UP', type: 'time' },
  verifications: { head: 'VERIFICATIONS', type: 'number' },
  user: { head: 'USER', type: 'yes' },
  code: { head: 'CODE', type: 'text' },
  handle: { head: 'HANDLE', type: 'text' },
  chosen: { head: 'CHOSEN HANDLE', type: 'text' },
  did: { head: 'DID', type: 'text' },
  reachable: { head: 'REACHABLE', type: 'yes' },
}

/** Totals of Auth0's people, the application's records and the PDS's accounts. */
export const COUNTED_STORES = ['identities', 'verifications', 'users', 'handles', 'accounts'] as const
export type CountedStore = (typeof COUNTED_STORES)[number]
export type StoreCounts = Readonly<Record<CountedStore, number>>

export const ATPROTO_AUDIT = {
  counts: COUNTED_STORES,
  columns: COLUMNS,
} as const satisfies AuditWords
