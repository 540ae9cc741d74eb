import { parseEntry, type RawEntry } from '../domain/events/raw-entry.ts'

/** An event of one person. `seen` only means that the person exists. */
export interface PersonEvent {
  readonly is: 'event'
  readonly kind: 'signed-up' | 'email-verified' | 'email-changed' | 'deleted' | 'seen'
  /** As the application stores it. */
  readonly identity: string
  /** ISO 8601; null where the event has none. */
  readonly date: string | null
  /** The provider's id of the event; null where it has none. */
  readonly eventId: string | null
}

/** An event that starts nothing. */
export interface IgnoredEvent {
  readonly is: 'ignored'
  /**
   * Set where an operator has to act on it: its code, and the person whose mail it concerns; null where it concerns
   * none.
   */
  readonly noted: { readonly code: string; readonly identity: string | null } | null
  readonly date: string | null
  readonly eventId: string | null
}

/** People changed whom the event does not name: the provider has to be read from an earlier time. */
export interface UnnamedChange {
  readonly is: 'unnamed'
  readonly date: string | null
  readonly eventId: string | null
}

/** The meaning of one entry of the provider's. */
export type ReadEvent =
  PersonEvent | IgnoredEvent | UnnamedChange | { readonly is: 'malformed'; readonly reason: string }

/** The system's own reading of its provider's events, each already parsed as JSON. */
export type EventReader = (entry: unknown, tenant: string) => ReadEvent

/** Reads one entry as it was received. */
export function readEntry(entry: RawEntry, tenant: string, read: EventReader): ReadEvent {
  const parsed = parseEntry(entry)
  return 'value' in parsed ? read(parsed.value, tenant) : { is: 'malformed', reason: parsed.refused }
}
