import { loadConfig, shellEnv, type Env } from '../config.ts'
import { databaseVariable } from '../contracts/postgres/variable.ts'
import type { StateHome } from '../contracts/state-home.ts'
import type { System } from '../contracts/systems.ts'
import { read } from './read.ts'
import { withSecretFiles } from './secret-files.ts'
import { postgresUrl } from './values.ts'

/** The database that keeps the state of a system. */
export type StateSettings =
  | { readonly home: 'mongodb'; readonly uri: string; readonly db: string }
  | { readonly home: 'postgres'; readonly url: string }

/** The place in which a system keeps its state. */
export interface StateLocation {
  readonly home: StateHome
  /** Throws a `ConfigError` that names the variables. */
  read(env?: Env): StateSettings
  /** The variables that name the database, on which workers and commands have to agree. */
  variables(settings: StateSettings): Readonly<Record<string, string>>
}

/** In the application's MongoDB, which several systems may share. */
export const IN_MONGODB: StateLocation = {
  home: 'mongodb',
  read: (env) => ({ home: 'mongodb', ...loadConfig(['mongo'], env).mongo }),
  variables: (settings) =>
    settings.home === 'mongodb' ? { MONGODB_URI: settings.uri, MONGODB_DB: settings.db } : {},
}

/** In the system's own Postgres: schema `holdfast` of the database that `<SYSTEM>_DB_URL` names. */
export function inPostgres(system: System): StateLocation {
  const variable = databaseVariable(system)
  return {
    home: 'postgres',
    read(env = shellEnv()) {
      const { [variable]: url } = read(withSecretFiles(env), { [variable]: postgresUrl })
      return { home: 'postgres', url: String(url) }
    },
    variables: (settings) => (settings.home === 'postgres' ? { [variable]: settings.url } : {}),
  }
}
