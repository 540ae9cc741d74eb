import { loadConfig, shellEnv, type Env } from '../config.ts'
import { databaseVariable } from '../contracts/postgres/variable.ts'
import type { DatabaseKind } from '../contracts/database-kind.ts'
import type { System } from '../contracts/systems.ts'
import { read } from './read.ts'
import { withSecretFiles } from './secret-files.ts'
import { postgresUrl } from './values.ts'

/** The database that keeps the state of a system. */
export type StateSettings =
  | { readonly kind: 'mongodb'; readonly uri: string; readonly db: string }
  | {
      readonly kind: 'postgres'
      readonly url: string
      /** The folder in sql/ with objects of the system's own; absent where it has none. */
      readonly ownSql?: System
    }

/** The place in which a system keeps its state. */
export interface StateLocation {
  readonly kind: DatabaseKind
  /** Throws a `ConfigError` that names the variables. */
  read(env?: Env): StateSettings
  /**
   * As `read`, with the connection that creates the tables: of a role that may do so, where the system has a variable for
   * it.
   */
  readForApply(env?: Env): StateSettings
  /** The variables that name the database, on which workers and commands have to agree. */
  variables(settings: StateSettings): Readonly<Record<string, string>>
}

/** In the application's MongoDB, which several systems may share. */
export const IN_MONGODB: StateLocation = {
  kind: 'mongodb',
  read: readMongo,
  readForApply: readMongo,
  variables: (settings) =>
    settings.kind === 'mongodb' ? { MONGODB_URI: settings.uri, MONGODB_DB: settings.db } : {},
}

function readMongo(env?: Env): StateSettings {
  return { kind: 'mongodb', ...loadConfig(['mongo'], env).mongo }
}

/**
 * In the system's own Postgres: schema `holdfast` of the database that `<SYSTEM>_DB_URL` names. `ownSql`: sql/<system>
 * has further objects, versioned like sql/state. `applyVariable`: the variable with the URL that `state apply` uses
 * instead.
 */
export function inPostgres(
  system: System,
  { ownSql = false, applyVariable }: { readonly ownSql?: boolean; readonly applyVariable?: string } = {},
): StateLocation {
  const variable = databaseVariable(system)
  const readFrom = (name: string, env: Env): StateSettings => {
    const { [name]: url } = read(withSecretFiles(env), { [name]: postgresUrl })
    return { kind: 'postgres', url: String(url), ...(ownSql ? { ownSql: system } : {}) }
  }
  return {
    kind: 'postgres',
    read: (env = shellEnv()) => readFrom(variable, env),
    readForApply: (env = shellEnv()) => readFrom(applyVariable ?? variable, env),
    variables: (settings) => (settings.kind === 'postgres' ? { [variable]: settings.url } : {}),
  }
}
