import type { Env } from '../config.ts'
import type { Settings } from '../config/fingerprints.ts'
import type { SystemChecks } from '../checks/system-checks.ts'
import type { CatchUpTarget } from '../client/planned-schedules.ts'
import type { People } from '../config/people.ts'
import type { StateLocation } from '../config/state.ts'
import type { StoredPasswords } from '../config/stored-passwords.ts'
import type { System } from '../contracts/systems.ts'
import type { IntakeConnections, IntakeParts } from '../intake/connect.ts'
import type { OnePerson } from '../why/one-person.ts'
import type { OwnCommand, SetupRepair } from './command-part.ts'
import type { ServerPart } from './server-part.ts'
import type { WorkerPart } from './worker-part.ts'
import type { EncryptedField } from '../state/ports/sealed-values.ts'

/**
 * The questions that a system answers so that Holdfast serves it. What brings clients with it is loaded when it is
 * asked for: help needs none of them.
 */
export interface ServedSystem {
  readonly name: System
  readonly people: People
  /** The database in which Holdfast keeps its own data of the system: the one of the system's records. */
  readonly state: StateLocation
  /** Commands beside those of all systems. */
  readonly commands: readonly OwnCommand[]
  /**
   * The settings of its own on which workers and commands have to agree, of an environment that may be incomplete, by
   * variable.
   */
  readonly settings: (env: Env) => Settings
  /** The tenants whose events are read regularly: one schedule each; none where nothing is read. Throws `ConfigError`. */
  readonly catchUps: (env: Env) => readonly CatchUpTarget[]
  /** Absent where the application's records contain no passwords. */
  readonly passwords?: StoredPasswords
  /** The fields that only its adapters seal, of the application's records and of Holdfast's state; absent without any. */
  readonly encryptedFields?: readonly EncryptedField[]
  /** Repairs of its setup that `diagnose` offers as options. */
  readonly repairs: readonly SetupRepair[]
  /** Events that need an operator's action and start nothing, by their codes: what each means. */
  readonly notedEvents?: Readonly<Record<string, string>>
  readonly checks: () => Promise<SystemChecks>
  /** Connects the intake of its provider's events, for commands. */
  readonly intake: () => Promise<(connections: IntakeConnections, env: Env) => IntakeParts>
  readonly onePerson: () => Promise<OnePerson>
  readonly worker: () => Promise<WorkerPart>
  readonly server: () => Promise<ServerPart>
}
