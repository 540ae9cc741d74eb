import type { DeliveredEntry } from './read-delivery.ts'
import { readEvent, type PersonEvent, type ReadEvent } from './read-event.ts'

/** A delivery taken apart by what has to be done with its entries. */
export interface Sorted {
  readonly events: readonly PersonEvent[]
  readonly imports: readonly (ReadEvent & { is: 'import' })[]
  readonly unread: readonly { reason: string; content: string }[]
  readonly ignored: number
  /** Entries that stood in this delivery before. */
  readonly duplicates: number
  /** Dates of the oldest and the newest entry, ISO 8601; null where none has one. */
  readonly oldest: string | null
  readonly newest: string | null
}

export function sortEntries(entries: readonly DeliveredEntry[]): Sorted {
  const events: PersonEvent[] = []
  const imports: (ReadEvent & { is: 'import' })[] = []
  const unread: { reason: string; content: string }[] = []
  const before = new Set<string>()
  const dates: string[] = []
  let ignored = 0
  let duplicates = 0

  for (const entry of entries) {
    const read = readEntry(entry)
    if (read.is === 'malformed') {
      unread.push({ reason: read.reason, content: contentOf(entry) })
      continue
    }
    if (read.date !== null) dates.push(read.date)
    const key = read.logId ?? JSON.stringify(entry)
    if (before.has(key)) duplicates += 1
    else if (read.is === 'ignored') ignored += 1
    else if (read.is === 'import') imports.push(read)
    else events.push(read)
    before.add(key)
  }
  dates.sort()
  return {
    events,
    imports,
    unread,
    ignored,
    duplicates,
    oldest: dates[0] ?? null,
    newest: dates.at(-1) ?? null,
  }
}

export function readEntry(entry: DeliveredEntry): ReadEvent {
  return 'value' in entry ? readEvent(entry.value) : { is: 'malformed', reason: 'not JSON' }
}

/** An entry as it came, and back again. */
export function contentOf(entry: DeliveredEntry): string {
  return 'value' in entry ? JSON.stringify(entry.value) : entry.unreadable
}
