import type { CatchUpTarget } from '../client/planned-schedules.ts'
import { connectTemporalSetup, type TemporalSetup } from '../client/temporal-setup.ts'
import { loadConfig, withReadableSecretFiles, type Env, type Section, type Sections } from '../config.ts'
import type { Settings } from '../config/fingerprints.ts'
import type { People } from '../config/people.ts'
import type { StateLocation } from '../config/state.ts'
import type { StoredPasswords } from '../config/stored-passwords.ts'
import type { System } from '../contracts/systems.ts'
import { openState, type OpenState } from '../state/open.ts'
import type { EncryptedField } from '../state/ports/sealed-values.ts'

/** The answers of a system that checks of every system need. */
export interface CheckedSystem {
  readonly name: System
  readonly people: People
  readonly state: StateLocation
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
  /** The state of the system, with the connection to its database. */
  state(): Promise<OpenState>
  close(): Promise<void>
}

export function openCheckContext(served: CheckedSystem, given: Env): CheckContext {
  const env = withReadableSecretFiles(given)
  let temporal: TemporalSetup | null = null
  let opened: Promise<OpenState> | null = null
  const section = <S extends Section>(name: S): Sections[S] => loadConfig([name], env)[name]
  return {
    system: served.name,
    served,
    env,
    section,
    temporal: () => (temporal ??= connectTemporalSetup(section('temporal'))),
    state: () => (opened ??= openState(served.name, served.state.read(env))),
    async close() {
      await Promise.all([temporal?.close(), opened?.then(({ close }) => close())])
    },
  }
}
