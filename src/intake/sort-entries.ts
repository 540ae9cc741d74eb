import { parseEntry, type RawEntry } from '../domain/events/raw-entry.ts'
import { foreignTenantDefect, type DeliveryContext } from './atproto/foreign-tenant.ts'
import { digestOf, quarantinedText, type QuarantinedText } from './read-delivery.ts'
import { readEvent, type PersonEvent, type ReadEvent } from './atproto/read-event.ts'
import { createYielder } from './turns.ts'

/** The entries of a delivery, sorted by what has to be done with them. */
export interface SortedEntries {
  readonly events: readonly PersonEvent[]
  readonly imports: readonly (ReadEvent & { is: 'import' })[]
  readonly unread: readonly (QuarantinedText & { reason: string })[]
  readonly ignored: number
  /** Those of the ignored ones that need an operator's action. */
  readonly noted: readonly (ReadEvent & { is: 'ignored' })[]
  /** Entries that occurred earlier in this delivery. */
  readonly duplicates: number
  /** Dates of the oldest and the newest entry, ISO 8601; null where none has one. */
  readonly oldest: string | null
  readonly newest: string | null
}

/** Parses one entry at a time and keeps only its event, so that a delivery is never in memory as objects. */
export async function sortEntries(
  entries: readonly RawEntry[],
  delivering: DeliveryContext,
): Promise<SortedEntries> {
  const events: PersonEvent[] = []
  const imports: (ReadEvent & { is: 'import' })[] = []
  const unread: (QuarantinedText & { reason: string })[] = []
  const noted: (ReadEvent & { is: 'ignored' })[] = []
  const before = new Set<string>()
  const dates: string[] = []
  let ignored = 0
  let duplicates = 0
  const turn = createYielder()

  for (const entry of entries) {
    await turn()
    const read = readEntry(entry, delivering)
    if (read.is === 'malformed') {
      unread.push({ reason: read.reason, ...quarantinedText(entry) })
      continue
    }
    if (read.date !== null) dates.push(read.date)
    const key = read.logId ?? digestOf(entry)
    if (before.has(key)) duplicates += 1
    else if (read.is === 'ignored') {
      ignored += 1
      if (read.noted) noted.push(read)
    } else if (read.is === 'import') imports.push(read)
    else events.push(read)
    before.add(key)
  }
  dates.sort()
  return {
    events,
    imports,
    unread,
    ignored,
    noted,
    duplicates,
    oldest: dates[0] ?? null,
    newest: dates.at(-1) ?? null,
  }
}

/** Reads one entry; an event about a person of another tenant than the delivering one counts as malformed. */
export function readEntry(entry: RawEntry, delivering: DeliveryContext): ReadEvent {
  const parsed = parseEntry(entry)
  if (!('value' in parsed)) return { is: 'malformed', reason: parsed.refused }
  const read = readEvent(parsed.value)
  if (read.is !== 'event') return read
  const wrong = foreignTenantDefect(read.userId, delivering)
  return wrong === null ? read : { is: 'malformed', reason: `an event whose user_id ${wrong}` }
}
