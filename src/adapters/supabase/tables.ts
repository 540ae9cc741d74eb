import { sql, type RawBuilder } from 'kysely'
import type { ProfileTables, TableName } from '../../config/supabase/sections.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import {
  assertAllRowsVisible,
  columnsOf,
  nameOf,
  tableOf,
  type ApplicationDb,
  type CatalogColumn,
} from './catalog.ts'
import { ofUser } from './profile-values.ts'

/** A migration may change the tables while a worker runs. */
const KEEP_MS = 60_000

/** The application's two tables as they are now. */
export interface KnownTables {
  readonly profiles: readonly CatalogColumn[]
  /** Null where the project has no table of events. */
  readonly events: { readonly of: TableName; readonly columns: readonly CatalogColumn[] } | null
  /** Whether a profile `p` is that of a user `u`. */
  readonly ofUser: RawBuilder<unknown>
  /** `not exists` of a profile of a user `u`. */
  readonly lacksProfile: RawBuilder<unknown>
}

/**
 * Reads the catalog, at most once a minute. Each call also makes sure that no policy hides profiles: it throws
 * `postgres-denied` instead of showing an empty table.
 */
export function createTables(
  db: ApplicationDb,
  tables: ProfileTables,
): {
  load(): Promise<KnownTables>
  /** Makes the next call read the catalog again: after a refusal, which a migration may correct. */
  forget(): void
} {
  let known: Promise<KnownTables> | null = null
  let readAt = 0
  const read = async (): Promise<KnownTables> => {
    const [profiles, events] = await Promise.all([
      columnsOf(db, tables.profiles),
      tables.events === null ? null : columnsOf(db, tables.events),
    ])
    assertExists(tables.profiles, profiles)
    if (tables.events !== null && events !== null) assertExists(tables.events, events)
    const same = ofUser(tables, profiles)
    return {
      profiles,
      events: tables.events === null || events === null ? null : { of: tables.events, columns: events },
      ofUser: same,
      lacksProfile: sql`not exists (select from ${tableOf(tables.profiles)} p where ${same})`,
    }
  }
  return {
    async load() {
      await assertAllRowsVisible(db, tables.profiles)
      if (known === null || performance.now() - readAt > KEEP_MS) {
        readAt = performance.now()
        known = read()
        known.catch(() => (known = null)) // the caller gets the failure; the next call reads again
      }
      return known
    },
    forget: () => void (known = null),
  }
}

function assertExists(of: TableName, columns: readonly CatalogColumn[]): void {
  if (columns.length > 0) return
  const table = nameOf(of)
  throw new OutsideError('postgres-refused', `there is no table ${table}`, {
    detail: { table, action: 'find', code: '42P01 undefined_table' },
  })
}
