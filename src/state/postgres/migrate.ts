import { sql, type Transaction } from 'kysely'
import { callPostgres, sqlStateOf } from '../../adapters/postgres/lib/errors.ts'
import { stateFiles, type StateFile } from './state-files.ts'
import { StateVersionError, versionFault, type VersionFault } from './state-version.ts'
import type { StateDb, StateTables } from './tables.ts'
import type { System } from '../../contracts/systems.ts'

const TABLE = 'holdfast.state_version'
/** The lock's key, the same in every process and version. */
const LOCK = 'holdfast.state'

export interface AppliedState {
  /** The version of the tables now. */
  readonly version: number
  /** The files that this call applied; empty where there was nothing to do. */
  readonly applied: readonly string[]
}

/**
 * Creates the tables of the state, or brings them up to this version: the files of sql/state that were not applied yet,
 * in order, in one transaction. Safe to run again, and by two processes at once: the second waits for the first one's
 * lock, which ends with the transaction, and finds nothing to do. Works through a pooler in transaction mode. Throws a
 * `StateVersionError`, having changed nothing, for tables of a later version, or made by another file.
 */
export function applyState(db: StateDb, files = stateFiles()): Promise<AppliedState> {
  return callPostgres(TABLE, 'update', () =>
    db.transaction().execute(async (transaction) => {
      await sql`select pg_advisory_xact_lock(hashtextextended(${LOCK}, 0))`.execute(transaction)
      const applied = await appliedFiles(transaction)
      const fault = versionFault(applied, files)
      if (fault !== null && fault.kind !== 'outdated') throw new StateVersionError(fault)
      const pending = files.slice(applied.length)
      for (const file of pending) await applyFile(transaction, file)
      return { version: files.length, applied: pending.map(({ name }) => name) }
    }),
  )
}

/**
 * Called by every process before it uses the state. Throws a `StateVersionError`, which names the command to run, where
 * the tables are missing, older or later than this version, or made by another file.
 */
export async function assertStateVersion(db: StateDb, system: System, files = stateFiles()): Promise<void> {
  const fault = await stateFault(db, files)
  if (fault !== null) throw new StateVersionError(fault, system)
}

/** Why this version of Holdfast cannot use the tables; null where it can. */
export function stateFault(db: StateDb, files = stateFiles()): Promise<VersionFault | null> {
  return callPostgres(TABLE, 'find', async () => {
    try {
      return versionFault(await recorded(db), files)
    } catch (error) {
      if (sqlStateOf(error) === UNDEFINED_TABLE) return versionFault([], files)
      throw error
    }
  })
}

const UNDEFINED_TABLE = '42P01'

async function appliedFiles(transaction: Transaction<StateTables>) {
  const { rows } = await sql<{ exists: boolean }>`
    select to_regclass(${TABLE}) is not null as exists`.execute(transaction)
  return rows[0]?.exists === true ? recorded(transaction) : []
}

function recorded(db: StateDb) {
  return db.selectFrom(TABLE).select(['version', 'file', 'checksum']).orderBy('version').execute()
}

async function applyFile(
  transaction: Transaction<StateTables>,
  { version, name, checksum, text }: StateFile,
) {
  await sql.raw(text).execute(transaction)
  await transaction.insertInto(TABLE).values({ version, file: name, checksum }).execute()
}
