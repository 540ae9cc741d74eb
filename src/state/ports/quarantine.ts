import type { Keyring } from '../../crypto/keyring.ts'
/** An entry of which only a part could be stored, or which is not text. */
export interface OriginalContent {
  readonly bytes: number
  readonly sha256: string
}

export interface QuarantineEntry {
  readonly id: string
  readonly system: string
  readonly tenant: string
  readonly reason: string
  readonly firstSeen: string
  readonly lastSeen: string
  readonly times: number
  readonly expiresAt: string
  /** Null where the entry is stored whole. */
  readonly original: OriginalContent | null
}

export interface OpenedEntry extends QuarantineEntry {
  readonly content: string
  /** The key that decrypted it. */
  readonly keyId: string
}

export interface UnreadableEntry {
  readonly tenant: string
  readonly reason: string
  readonly content: string
  /** Set where `content` is not the whole entry. */
  readonly original?: OriginalContent | null
}

export interface Quarantine {
  /**
   * Stores unreadable entries in one call. A repeated entry only increments its count. Returns the number of new
   * entries that were counted but not stored, since a tenant's limit for the day is reached.
   */
  store(entries: readonly UnreadableEntry[]): Promise<{ notStored: number }>
  /** The days on which more entries arrived than were stored, the newest first. */
  exceeded(): Promise<QuotaExceeded[]>
  /** Newest first, at most `limit`. */
  list(limit: number): Promise<QuarantineEntry[]>
  ids(): Promise<string[]>
  /** One entry with its content decrypted; null where there is none. Throws `seal-broken` when no key decrypts it. */
  open(id: string): Promise<OpenedEntry | null>
  /** Updates the reason why an entry cannot be read; the time of its last arrival, and so its expiry, stays. */
  updateReason(id: string, reason: string): Promise<void>
  /** Returns how many of these existed and were removed. */
  remove(ids: readonly string[]): Promise<number>
}

/** The quota of one tenant for quarantined entries in one day, in UTC. Later entries are counted and not stored. */
export interface DailyQuota {
  readonly entries: number
  readonly bytes: number
}

export const DAILY_QUOTA: DailyQuota = { entries: 5_000, bytes: 32 * 1024 * 1024 }

/** A day on which more of a tenant's entries arrived than are stored. */
export interface QuotaExceeded {
  readonly tenant: string
  /** `2026-11-29` */
  readonly day: string
  /** Entries that were not stored; a repeated one counts each time. */
  readonly notStored: number
}

/** A summary of the quarantine that decrypts no entry. */
export interface QuarantineSummary {
  readonly count: number
  /** The number of entries by reason, the most frequent first. */
  readonly reasons: Readonly<Record<string, number>>
  /** The earliest arrival of these entries, ISO 8601; null where there is none. */
  readonly since: string | null
}

/** How the system's quarantine is opened and searched. */
export interface QuarantineOptions {
  readonly keyring: Keyring
  readonly hash: (value: string) => string
  /** How long an entry is kept after its last arrival. */
  readonly keepDays: number
  readonly quota?: DailyQuota
}
