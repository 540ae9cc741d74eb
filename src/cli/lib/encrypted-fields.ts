import { ConfigError, loadConfig, type Env } from '../../config.ts'
import { readTogether } from '../../config/read-all.ts'
import type { StateSettings } from '../../config/state.ts'
import { fieldsToSeal } from '../../state/fields-to-seal.ts'
import { openState, type OpenState } from '../../state/open.ts'
import type { EncryptedField } from '../../state/ports/sealed-values.ts'
import { loadSystems, supportedSystems } from '../../systems/served.ts'
import type { ServedSystem } from '../../systems/system.ts'

/** The encrypted fields of one database. */
export interface EncryptedFields {
  readonly all: readonly EncryptedField[]
  /** Those where a value in plain text is a fault. */
  readonly toSeal: readonly EncryptedField[]
  /** Those of passwords where the environment does not say how they are stored; `missing` is what it lacks. */
  readonly undecided: readonly { readonly fields: readonly EncryptedField[]; readonly missing: string }[]
  /** The sentences that passwords are left in plain text, as configured. */
  readonly left: readonly string[]
}

/** A connection to the state of a system, with the encrypted fields that are reached by it. */
export interface EncryptedDatabase {
  readonly opened: OpenState
  readonly fields: EncryptedFields
}

/**
 * Runs `work` with every database that keeps the state of a system, and closes them. One of MongoDB's is opened once, for
 * all systems; one of Postgres once for each system, since its state there is that system's rows alone. A system that is not
 * served at the moment needs its keys too, where its database is configured here. Throws one `ConfigError` that names
 * what is missing for any served system.
 */
export async function withEncryptedDatabases<T>(
  env: Env,
  work: (databases: readonly EncryptedDatabase[]) => Promise<T>,
): Promise<T> {
  const { systems: served } = loadConfig(['systems'], env)
  const others = supportedSystems().filter((name) => !served.includes(name))
  const located = [
    ...(await readTogether(...(await loadSystems(served)).map((system) => () => locate(system, env)))),
    ...(await loadSystems(others)).flatMap((system) => locateIfConfigured(system, env)),
  ]
  const once = new Map(located.map((one) => [placeOf(one), one]))
  const opened: EncryptedDatabase[] = []
  try {
    for (const { system, settings } of once.values()) {
      const connection = await openState(system.name, settings)
      const systems = settings.kind === 'mongodb' ? await systemsInMongo() : [system]
      opened.push({ opened: connection, fields: fieldsOf(connection, systems, env) })
    }
    return await work(opened)
  } finally {
    await Promise.all(opened.map((one) => one.opened.close()))
  }
}

interface LocatedSystem {
  readonly system: ServedSystem
  readonly settings: StateSettings
}

function placeOf({ system, settings }: LocatedSystem): string {
  return JSON.stringify(settings.kind === 'mongodb' ? settings : [system.name])
}

function locate(system: ServedSystem, env: Env): LocatedSystem {
  return { system, settings: system.state.read(env) }
}

function locateIfConfigured(system: ServedSystem, env: Env): LocatedSystem[] {
  try {
    return [locate(system, env)]
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return []
  }
}

/** The systems that store data in MongoDB: those that are not served at the moment need their keys too. */
async function systemsInMongo(): Promise<ServedSystem[]> {
  return (await loadSystems(supportedSystems())).filter(({ state }) => state.kind === 'mongodb')
}

function fieldsOf({ state }: OpenState, systems: readonly ServedSystem[], env: Env): EncryptedFields {
  const own = systems.map(({ encryptedFields = [], passwords }) => {
    const storage = passwords?.storage(env) ?? null
    return { fields: encryptedFields, passwords, storage, toSeal: fieldsToSeal(encryptedFields, storage) }
  })
  const general = state.sealed.fields
  return {
    all: [...general, ...own.flatMap(({ fields }) => fields)],
    toSeal: [...general, ...own.flatMap(({ toSeal }) => toSeal)],
    undecided: own.flatMap(({ fields, passwords, storage }) =>
      passwords === undefined || storage !== null
        ? []
        : [{ fields: fields.filter(({ isPassword }) => isPassword === true), missing: passwords.unknown }],
    ),
    left: own.flatMap(({ passwords, storage }) =>
      passwords === undefined || storage !== 'plain' ? [] : [passwords.left],
    ),
  }
}
