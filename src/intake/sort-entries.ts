import type { RawEntry } from '../domain/events/raw-entry.ts'
import { digestOf, quarantinedText, type QuarantinedText } from './read-delivery.ts'
import {
  readEntry,
  type EventReader,
  type IgnoredEvent,
  type PersonEvent,
  type UnnamedChange,
} from './read-news.ts'
import { createYielder } from './turns.ts'

/** The entries of a delivery, sorted by what has to be done with them. */
export interface SortedEntries {
  readonly events: readonly PersonEvent[]
  readonly unnamed: readonly UnnamedChange[]
  readonly unread: readonly UnreadEntry[]
  readonly ignored: number
  /** Those of the ignored ones that need an operator's action. */
  readonly noted: readonly IgnoredEvent[]
  /** Entries that occurred earlier in this delivery. */
  readonly duplicates: number
  /** Dates of the oldest and the newest entry, ISO 8601; null where none has one. */
  readonly oldest: string | null
  readonly newest: string | null
}

/** An entry as it is quarantined, and why it cannot be read. */
export type UnreadEntry = QuarantinedText & { readonly reason: string }

/** Parses one entry at a time and keeps only its event, so that a delivery is never in memory as objects. */
export async function sortEntries(
  entries: readonly RawEntry[],
  tenant: string,
  reader: EventReader,
): Promise<SortedEntries> {
  const events: PersonEvent[] = []
  const unnamed: UnnamedChange[] = []
  const unread: UnreadEntry[] = []
  const noted: IgnoredEvent[] = []
  const before = new Set<string>()
  const dates: string[] = []
  let ignored = 0
  let duplicates = 0
  const turn = createYielder()

  for (const entry of entries) {
    await turn()
    const read = readEntry(entry, tenant, reader)
    if (read.is === 'malformed') {
      unread.push({ reason: read.reason, ...quarantinedText(entry) })
      continue
    }
    if (read.date !== null) dates.push(read.date)
    const key = read.eventId ?? digestOf(entry)
    if (before.has(key)) duplicates += 1
    else if (read.is === 'ignored') {
      ignored += 1
      if (read.noted !== null) noted.push(read)
    } else if (read.is === 'unnamed') unnamed.push(read)
    else events.push(read)
    before.add(key)
  }
  dates.sort()
  return {
    events,
    unnamed,
    unread,
    ignored,
    noted,
    duplicates,
    oldest: dates[0] ?? null,
    newest: dates.at(-1) ?? null,
  }
}
