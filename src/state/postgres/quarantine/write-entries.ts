import { setImmediate as turn } from 'node:timers/promises'
import { sql } from 'kysely'
import type { System } from '../../../contracts/systems.ts'
import { callPostgres } from '../../../adapters/postgres/lib/errors.ts'
import { mentionHashes } from '../../lib/quarantined-entries.ts'
import type { QuarantineOptions, UnreadableEntry } from '../../ports/quarantine.ts'
import { createExpiry } from '../lib/expiry.ts'
import { toJson } from '../lib/json.ts'
import type { StateDb } from '../tables.ts'
import { placeOfContent, QUARANTINE as TABLE } from './place.ts'

const DAY_MS = 24 * 3_600_000
/** A statement has at most this many characters, or one entry. */
const MOST_CHARACTERS = 4_000_000

interface EntryRow extends Pick<UnreadableEntry, 'tenant' | 'reason' | 'content' | 'original'> {
  readonly id: string
  readonly mentions: readonly string[] | null
  readonly times: number
}

type EntriesById = readonly (readonly [id: string, entries: readonly UnreadableEntry[]])[]

/** Stores new entries sealed, and counts those that are stored already, in statements of limited size. */
export function createEntryWriter(
  db: StateDb,
  system: System,
  { keyring, hash, keepDays }: QuarantineOptions,
): (byId: EntriesById) => Promise<void> {
  const expire = createExpiry(db, TABLE)

  // Calls that store the same entry at one time may write in another order than they began: the latest time stays.
  const write = async (rows: readonly string[], now: Date): Promise<void> => {
    const expiresAt = new Date(now.getTime() + keepDays * DAY_MS)
    await callPostgres(TABLE, 'update', () =>
      sql`
        insert into holdfast.quarantine as known
          (system, id, tenant, reason, content, original, mentions, first_seen, last_seen, times, expires_at)
        select ${system}, id, tenant, reason, content, original, mentions, ${now}::timestamptz, ${now}::timestamptz,
          times, ${expiresAt}::timestamptz
        from jsonb_to_recordset(${`[${rows.join(',')}]`}::jsonb) as entry
          (id text, tenant text, reason text, content text, original jsonb, mentions text[], times bigint)
        on conflict (system, id) do update set
          reason = excluded.reason, mentions = coalesce(excluded.mentions, known.mentions),
          last_seen = greatest(known.last_seen, excluded.last_seen),
          expires_at = greatest(known.expires_at, excluded.expires_at),
          times = known.times + excluded.times`.execute(db),
    )
  }

  return async (byId) => {
    const now = new Date()
    let rows: string[] = []
    let characters = 0
    // In the order of their ids, so that two writers of the same rows do not deadlock.
    for (const [id, [entry, ...same]] of byId.toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      if (entry === undefined) continue
      const { tenant, reason, content, original = null } = entry
      const row: EntryRow = {
        id,
        tenant,
        reason,
        content: keyring.seal(content, placeOfContent(id)),
        original,
        mentions: mentionHashes(content, hash),
        times: 1 + same.length,
      }
      const json = toJson(row)
      if (rows.length > 0 && characters + json.length > MOST_CHARACTERS) {
        await write(rows, now)
        rows = []
        characters = 0
      }
      rows.push(json)
      characters += json.length
      // A delivery has thousands of entries with hundreds of names each: the event loop serves other requests between
      // two entries.
      await turn()
    }
    if (rows.length === 0) return
    await write(rows, now)
    await callPostgres(TABLE, 'delete', expire)
  }
}
