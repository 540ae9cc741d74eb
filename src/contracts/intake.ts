import type { System } from './systems.ts'

/** An update about one person in the form that is sent to Temporal: nothing personal but the identity. */
export interface PersonUpdate {
  readonly identity: string
  /** ISO 8601; from the provider's signup event only. */
  readonly signedUpAt?: string | undefined
  /** The signal to send to a signup that is in progress. */
  readonly hint?: 'emailVerified' | 'emailChanged' | undefined
  /** ISO 8601; the latest time at which an event says the address changed. */
  readonly changedAt?: string | undefined
  /** When they were deleted at the provider, ISO 8601; null where the event had no date. */
  readonly deletedAt?: string | null | undefined
  /** An event about them is newer than the deletion: they were created again, so their signup is notified too. */
  readonly recreated?: boolean | undefined
}

/** Input of an `ingest` workflow: a chunk of a delivery that is too large to pass on person by person. */
export interface IngestInput {
  readonly system?: System
  readonly tenant: string
  readonly updates: readonly PersonUpdate[]
}

export interface IngestResult {
  readonly notified: number
}

/** The most people one `ingest` carries: about twenty kilobytes, where Temporal's limit is two megabytes. */
export const INGEST_CHUNK = 100
