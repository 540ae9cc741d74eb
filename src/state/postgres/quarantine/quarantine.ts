import { sql, type Selectable } from 'kysely'
import type { System } from '../../../contracts/systems.ts'
import { keyIdOf } from '../../../crypto/keyring.ts'
import { callPostgres } from '../../../adapters/postgres/lib/errors.ts'
import { entryIdOf } from '../../lib/quarantined-entries.ts'
import type {
  Quarantine,
  QuarantineEntry,
  QuarantineOptions,
  UnreadableEntry,
} from '../../ports/quarantine.ts'
import type { StateDb, StateTables } from '../tables.ts'
import { placeOfContent, QUARANTINE as TABLE } from './place.ts'
import { createQuarantineQuota } from './quota.ts'
import { createEntryWriter } from './write-entries.ts'

type Row = Selectable<StateTables['holdfast.quarantine']>

const SHOWN = [
  'id',
  'tenant',
  'reason',
  'original',
  'first_seen',
  'last_seen',
  'times',
  'expires_at',
] as const satisfies (keyof Row)[]

export function createQuarantine(db: StateDb, system: System, options: QuarantineOptions): Quarantine {
  const { keyring, hash } = options
  const quota = createQuarantineQuota(db, system, options.quota)
  const write = createEntryWriter(db, system, options)
  /** Without expired entries, which are deleted later. */
  const kept = () =>
    db
      .selectFrom('holdfast.quarantine')
      .where('system', '=', system)
      .where('expires_at', '>', sql<Date>`now()`)

  /** Those of the ids that are stored; an expired entry is deleted, so that it is stored as a new one. */
  const storedAmong = (ids: readonly string[]): Promise<Set<string>> =>
    callPostgres(TABLE, 'delete', async () => {
      const among = sql`system = ${system} and id = any(${[...ids]}::text[])`
      const { rows } = await sql<{ id: string }>`
        with expired as (delete from holdfast.quarantine where ${among} and expires_at <= now())
        select id from holdfast.quarantine where ${among} and expires_at > now()`.execute(db)
      return new Set(rows.map(({ id }) => id))
    })

  /** The ids that are not to be stored: new ones past their tenant's limit. */
  const overQuota = async (byId: ReadonlyMap<string, readonly UnreadableEntry[]>): Promise<Set<string>> => {
    const known = await storedAmong([...byId.keys()])
    const fresh = [...byId].flatMap(([id, [entry]]) =>
      entry === undefined || known.has(id) ? [] : { id, entry },
    )
    const past = new Set<string>()
    for (const [tenant, ofTenant] of Map.groupBy(fresh, ({ entry }) => entry.tenant)) {
      const sizes = ofTenant.map(({ entry }) => Buffer.byteLength(entry.content))
      const admitted = await quota.admit(tenant, sizes)
      for (const { id } of ofTenant.slice(admitted)) past.add(id)
    }
    return past
  }

  const shown = (row: Pick<Row, (typeof SHOWN)[number]>): QuarantineEntry => ({
    id: row.id,
    system,
    tenant: row.tenant,
    reason: row.reason,
    firstSeen: row.first_seen.toISOString(),
    lastSeen: row.last_seen.toISOString(),
    times: row.times,
    expiresAt: row.expires_at.toISOString(),
    original: row.original,
  })

  return {
    async store(entries) {
      if (entries.length === 0) return { notStored: 0 }
      const byId = Map.groupBy(entries, (entry) => entryIdOf(system, entry, hash))
      const past = await overQuota(byId)
      await write([...byId].filter(([id]) => !past.has(id)))
      return { notStored: past.size }
    },

    exceeded: () => quota.exceeded(),

    list: (limit) =>
      callPostgres(TABLE, 'find', async () => {
        const newest = kept().select(SHOWN).orderBy('last_seen', 'desc').orderBy('id').limit(limit)
        return (await newest.execute()).map(shown)
      }),

    ids: () =>
      callPostgres(TABLE, 'find', async () => {
        const found = await kept().select('id').orderBy('id').execute()
        return found.map(({ id }) => id)
      }),

    async open(id) {
      const found = await callPostgres(TABLE, 'find', () =>
        kept()
          .select([...SHOWN, 'content'])
          .where('id', '=', id)
          .executeTakeFirst(),
      )
      if (found === undefined) return null
      const content = keyring.open(found.content, placeOfContent(id))
      return { ...shown(found), content, keyId: keyIdOf(found.content) ?? '' }
    },

    async updateReason(id, reason) {
      await callPostgres(TABLE, 'update', () =>
        db
          .updateTable('holdfast.quarantine')
          .set({ reason })
          .where('system', '=', system)
          .where('id', '=', id)
          .execute(),
      )
    },

    remove: (ids) =>
      callPostgres(TABLE, 'delete', async () => {
        const { numAffectedRows = 0n } = await sql`
          delete from holdfast.quarantine where system = ${system} and id = any(${[...ids]}::text[])`.execute(
          db,
        )
        return Number(numAffectedRows)
      }),
  }
}
