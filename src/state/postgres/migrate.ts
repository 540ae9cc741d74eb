import { sql, type Transaction } from 'kysely'
import { limitStatements } from '../../adapters/postgres/lib/connect.ts'
import { callPostgres, sqlStateOf } from '../../adapters/postgres/lib/errors.ts'
import { ownSqlOf, stateFiles, type OwnSql, type StateFile } from './state-files.ts'
import { StateVersionError, versionFault, type VersionFault } from './state-version.ts'
import type { StateDb, StateTables } from './tables.ts'
import type { System } from '../../contracts/systems.ts'

const TABLE = 'holdfast.state_version'
const OWN_TABLE = 'holdfast.system_sql'
/** The lock's key, the same in every process and version. */
const LOCK = 'holdfast.state'
/** Long enough to wait for another process that applies the same files, and for a file that rewrites a table. */
export const APPLY_MS = 10 * 60_000

export interface AppliedState {
  /** The version of the tables now. */
  readonly version: number
  /** The files that this call applied; empty where there was nothing to do. */
  readonly applied: readonly string[]
}

/** The files that a database must have: those of sql/state, and of a system's own folder. */
export interface NeededFiles {
  readonly files?: readonly StateFile[]
  readonly own?: OwnSql | null
}

/** The files that a system needs: `ownSql` names its folder, where it has one. */
export function filesFor({ ownSql }: { readonly ownSql?: System }): NeededFiles {
  return { own: ownSql === undefined ? null : ownSqlOf(ownSql) }
}

/**
 * Creates the tables of the state, or brings them up to this version: the files of sql/state that were not applied yet,
 * in order, then those of the system's own, in one transaction. Safe to run again, and by two processes at once: the
 * second waits for the first one's lock, which ends with the transaction, and finds nothing to do. Each statement may take
 * ten minutes, whatever the limit of the role; `db` has to wait as long. Works through a pooler in transaction mode. Throws a `StateVersionError`, having changed nothing, for tables of a later version, or
 * made by another file.
 */
export function applyState(
  db: StateDb,
  { files = stateFiles(), own = null, system }: NeededFiles & { readonly system?: System } = {},
): Promise<AppliedState> {
  return callPostgres(TABLE, 'update', () =>
    db.transaction().execute(async (transaction) => {
      await limitStatements(transaction, APPLY_MS)
      await sql`select pg_advisory_xact_lock(hashtextextended(${LOCK}, 0))`.execute(transaction)
      const pending = pendingOf(files, await appliedFiles(transaction), system)
      for (const { version, name, checksum, text } of pending) {
        await sql.raw(text).execute(transaction)
        await transaction.insertInto(TABLE).values({ version, file: name, checksum }).execute()
      }
      const applied = pending.map(({ name }) => name)
      if (own === null) return { version: files.length, applied }
      const owner = own.system
      const ownPending = pendingOf(
        own.files,
        await recordedOf(transaction, owner),
        system ?? owner,
        folderOf(own),
      )
      for (const { version, name, checksum, text } of ownPending) {
        await sql.raw(text).execute(transaction)
        await transaction
          .insertInto(OWN_TABLE)
          .values({ system: owner, version, file: name, checksum })
          .execute()
      }
      return {
        version: files.length,
        applied: [...applied, ...ownPending.map(({ name }) => `${owner}/${name}`)],
      }
    }),
  )
}

/**
 * Called by every process before it uses the state. Throws a `StateVersionError`, which names the command to run, where
 * the tables are missing, older or later than this version, or made by another file.
 */
export async function assertStateVersion(db: StateDb, system: System, needed?: NeededFiles): Promise<void> {
  const fault = await stateFault(db, needed)
  if (fault !== null) throw new StateVersionError(fault, system)
}

/** Why this version of Holdfast cannot use the tables; null where it can. */
export function stateFault(
  db: StateDb,
  { files = stateFiles(), own = null }: NeededFiles = {},
): Promise<VersionFault | null> {
  return callPostgres(TABLE, 'find', async () => {
    try {
      const fault = versionFault(await recorded(db), files)
      if (fault !== null || own === null) return fault
      return versionFault(await recordedOf(db, own.system), own.files, folderOf(own))
    } catch (error) {
      if (sqlStateOf(error) === UNDEFINED_TABLE) return versionFault([], files)
      throw error
    }
  })
}

const UNDEFINED_TABLE = '42P01'

function folderOf({ system }: OwnSql): string {
  return `sql/${system}`
}

function pendingOf(
  files: readonly StateFile[],
  applied: Awaited<ReturnType<typeof recorded>>,
  system?: System,
  folder?: string,
): readonly StateFile[] {
  const fault = versionFault(applied, files, folder)
  if (fault !== null && fault.kind !== 'outdated') throw new StateVersionError(fault, system)
  return files.slice(applied.length)
}

async function appliedFiles(transaction: Transaction<StateTables>) {
  const { rows } = await sql<{ exists: boolean }>`
    select to_regclass(${TABLE}) is not null as exists`.execute(transaction)
  return rows[0]?.exists === true ? recorded(transaction) : []
}

function recorded(db: StateDb) {
  return db.selectFrom(TABLE).select(['version', 'file', 'checksum']).orderBy('version').execute()
}

function recordedOf(db: StateDb, system: System) {
  return db
    .selectFrom(OWN_TABLE)
    .select(['version', 'file', 'checksum'])
    .where('system', '=', system)
    .orderBy('version')
    .execute()
}
