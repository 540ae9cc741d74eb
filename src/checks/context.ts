import type { Db, MongoClient } from 'mongodb'
import { connectMongo } from '../adapters/mongo/lib/connect.ts'
import type { CatchUpTarget } from '../client/planned-schedules.ts'
import { connectTemporalSetup, type TemporalSetup } from '../client/temporal-setup.ts'
import { loadConfig, withReadableSecretFiles, type Env, type Section, type Sections } from '../config.ts'
import type { Settings } from '../config/fingerprints.ts'
import type { People } from '../config/people.ts'
import type { StoredPasswords } from '../config/stored-passwords.ts'
import type { System } from '../contracts/systems.ts'
import type { EncryptedField } from '../state/ports/sealed-values.ts'

/** The answers of a system that checks of every system need. */
export interface CheckedSystem {
  readonly name: System
  readonly people: People
  readonly settings: (env: Env) => Settings
  readonly catchUps: (env: Env) => readonly CatchUpTarget[]
  readonly passwords?: StoredPasswords
  readonly encryptedFields?: readonly EncryptedField[]
}

/** The connections of checks. Each is opened at its first use; a missing configuration throws `ConfigError` then. */
export interface CheckContext {
  readonly system: System
  readonly served: CheckedSystem
  /** Including the secrets in files, as far as those can be read. */
  readonly env: Env
  section<S extends Section>(name: S): Sections[S]
  temporal(): TemporalSetup
  mongo(): { client: MongoClient; db: Db }
  close(): Promise<void>
}

export function openCheckContext(served: CheckedSystem, given: Env): CheckContext {
  const env = withReadableSecretFiles(given)
  let temporal: TemporalSetup | null = null
  let mongo: { client: MongoClient; db: Db } | null = null
  const section = <S extends Section>(name: S): Sections[S] => loadConfig([name], env)[name]
  return {
    system: served.name,
    served,
    env,
    section,
    temporal: () => (temporal ??= connectTemporalSetup(section('temporal'))),
    mongo: () => (mongo ??= connectMongo(section('mongo'))),
    async close() {
      await Promise.all([temporal?.close(), mongo?.client.close()])
    },
  }
}
