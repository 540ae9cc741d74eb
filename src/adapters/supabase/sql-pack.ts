import { readFileSync } from 'node:fs'
import { sql, type Kysely } from 'kysely'
import type { ProfileTables, TableName } from '../../config/supabase/sections.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import { packSql, type PackTables } from '../../domain/supabase/sql-pack.ts'
import { callPostgres, sqlStateOf } from '../postgres/lib/errors.ts'
import { detailsColumn } from './events.ts'
import { createSupabaseSetup } from './setup.ts'

/** The folder beside src/, or beside dist/ in the published package. */
const FOLDER = new URL('../../../sql/supabase/pack/', import.meta.url)
const INSTALLED = 'holdfast.installed'
/** Raised by the pack itself, with a sentence for the operator. */
const REFUSED = 'HF001'

export type PackPart = 'diagnostics' | 'backfill' | 'signup'

/** The pack found something that it would have to destroy. Nothing was changed. */
export class PackRefusedError extends Error {}

/** An object of the pack. */
export interface PackObject {
  readonly name: string
  readonly kind: 'function' | 'view' | 'trigger'
  /** Whether something of this name was there before, which `remove --all` restores. */
  readonly replaced: boolean
}

/** The result of a removal. */
export interface PackRemoval {
  readonly removed: readonly string[]
  /** The objects that were there before, and are again. */
  readonly restored: readonly string[]
  /** Changed by another author since, so left as they are. */
  readonly left: readonly string[]
}

/** Creates the objects, or brings them up to this version, in one transaction. Safe to repeat. */
export function installPack<Tables>(db: Kysely<Tables>, tables: ProfileTables): Promise<PackObject[]> {
  return inOneTransaction(db, async (transaction) => {
    const known = await packTables(transaction, tables)
    for (const file of ['1-common', '2-diagnostics', '3-signup', '4-backfill'])
      await sql.raw(packSql(fileText(file), known)).execute(transaction)
    const { rows } = await sql<PackObject>`
      select name, kind, before is not null as replaced from holdfast.installed order by position`.execute(
      transaction,
    )
    return rows
  })
}

/** The same as migrations: the name of each after its time, and its statements. */
export function packMigrations<Tables>(
  db: Kysely<Tables>,
  tables: ProfileTables,
): Promise<{ name: string; text: string }[]> {
  return inOneTransaction(db, async (transaction) => {
    const known = await packTables(transaction, tables)
    const of = (...files: string[]): string =>
      [
        "set search_path = '';",
        ...files.map((file) => packSql(fileText(file), known)),
        'reset search_path;\n',
      ].join('\n')
    return [
      { name: 'diagnose_auth_profile_consistency', text: of('1-common', '2-diagnostics') },
      { name: 'backfill_missing_profiles', text: of('1-common', '3-signup', '4-backfill') },
    ]
  })
}

/** Removes the objects of these parts; with `signup`, restores what was there before. Null where nothing is installed. */
export function removePack<Tables>(
  db: Kysely<Tables>,
  parts: readonly PackPart[],
): Promise<PackRemoval | null> {
  return inOneTransaction(db, async (transaction) => {
    const { rows: found } = await sql<{ there: boolean }>`
      select to_regclass(${INSTALLED}) is not null as there`.execute(transaction)
    if (found[0]?.there !== true) return null
    const { rows: present } = await sql<{ name: string; now: boolean; replaced: boolean }>`
      select name, ours is not null as now, before is not null as replaced from holdfast.installed where part = any(${[...parts]}) order by position`.execute(
      transaction,
    )
    const { rows } = await sql<{ name: string }>`
      select name from holdfast.pack_remove(${[...parts]}) as name`.execute(transaction)
    const left = rows.map(({ name }) => name)
    if (parts.includes('signup')) await sql.raw(fileText('remove-all')).execute(transaction)
    const rest = present.filter(({ name }) => !left.includes(name))
    const all = parts.includes('signup')
    return {
      removed: rest.filter(({ now }) => now).map(({ name }) => name),
      restored: rest.filter(({ replaced }) => all && replaced).map(({ name }) => name),
      left,
    }
  })
}

/** A trigger is replaced under a lock that signups wait for, so the wait for that lock is short. */
function inOneTransaction<Tables, T>(
  db: Kysely<Tables>,
  work: (transaction: Kysely<Tables>) => Promise<T>,
): Promise<T> {
  return callPostgres(INSTALLED, 'update', () =>
    db.transaction().execute(async (transaction) => {
      // Names of types and defaults are then complete: the functions have no search path either.
      await sql`select set_config('search_path', '', true), set_config('lock_timeout', '5s', true)`.execute(
        transaction,
      )
      await sql`select pg_advisory_xact_lock(hashtextextended('holdfast.pack', 0))`.execute(transaction)
      try {
        return await work(transaction)
      } catch (error) {
        if (sqlStateOf(error) === REFUSED && error instanceof Error)
          throw new PackRefusedError(`Refused: ${error.message}. Nothing was changed.`, { cause: error })
        throw error
      }
    }),
  )
}

async function packTables<Tables>(
  db: Kysely<Tables>,
  { profiles, events, mapping }: ProfileTables,
): Promise<PackTables> {
  const setup = createSupabaseSetup(db)
  const columns = await setup.columns(profiles)
  assertFound(profiles, columns.length > 0)
  for (const { column } of mapping.columns)
    if (!columns.some(({ name }) => name === column))
      throw new OutsideError(
        'profile-column-unknown',
        `${profiles.schema}.${profiles.table} has no column ${column}`,
        {
          detail: { table: `${profiles.schema}.${profiles.table}`, column },
        },
      )
  if (events === null) return { profiles: sqlName(profiles), columns, mapping, events }
  const ofEvents = await setup.columns(events)
  assertFound(events, ofEvents.length > 0)
  return {
    profiles: sqlName(profiles),
    columns,
    mapping,
    events: {
      table: sqlName(events),
      userType: ofEvents.find(({ name }) => name === 'user_id')?.type ?? 'uuid',
      details: detailsColumn(ofEvents),
    },
  }
}

function assertFound({ schema, table }: TableName, found: boolean): void {
  if (found) return
  throw new OutsideError('postgres-refused', `there is no table ${schema}.${table}`, {
    detail: { table: `${schema}.${table}`, action: 'find', code: '42P01 undefined_table' },
  })
}

function sqlName({ schema, table }: TableName): string {
  return `"${schema}"."${table}"` // neither contains a quote
}

function fileText(name: string): string {
  return readFileSync(new URL(`${name}.sql`, FOLDER), 'utf8').replaceAll('\r\n', '\n')
}
