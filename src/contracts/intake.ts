import type { System } from './systems.ts'

/** What became known of one person, as it crosses the Temporal line: nothing personal but the identity. */
export interface PersonNews {
  readonly identity: string
  /** ISO 8601; from the provider's signup event only. */
  readonly signedUpAt?: string | undefined
  /** What to tell a signup that is under way. */
  readonly hint?: 'emailVerified' | 'emailChanged' | undefined
  /** ISO 8601; the latest time at which an event says the address changed. */
  readonly changedAt?: string | undefined
  /** When they were deleted at the provider, ISO 8601; null where the event had no date. */
  readonly deletedAt?: string | null | undefined
  /** Something was heard of them after that: created anew, so there is a signup to tell too. */
  readonly cameBack?: boolean | undefined
}

/** What an `ingest` workflow is started with: a chunk of a delivery that is too large to pass on person by person. */
export interface IngestInput {
  readonly system?: System
  readonly tenant: string
  readonly news: readonly PersonNews[]
}

export interface IngestResult {
  readonly told: number
}

/** The most people one `ingest` carries: some twenty kilobytes, where Temporal takes two megabytes. */
export const INGEST_CHUNK = 100
