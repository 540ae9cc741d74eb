import type { Command } from 'commander'
import type { Env } from '../config.ts'
import type { Settings } from '../config/fingerprints.ts'
import type { SystemChecks } from '../checks/system-checks.ts'
import type { CatchUpTarget } from '../client/planned-schedules.ts'
import type { People, PeopleExample } from '../config/people.ts'
import type { StoredPasswords } from '../config/stored-passwords.ts'
import type { System } from '../contracts/systems.ts'
import type { IntakeConnections, IntakeParts } from '../intake/connect.ts'
import type { OnePerson } from '../why/one-person.ts'
import type { ServerPart } from './server-part.ts'
import type { WorkerPart } from './worker-part.ts'

/**
 * The questions that a system answers so that Holdfast serves it. What brings clients with it is loaded when it is
 * asked for: help needs none of them.
 */
export interface ServedSystem {
  readonly name: System
  readonly people: People
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
  /** Repairs of its setup that `diagnose` offers as options. */
  readonly repairs: readonly SetupRepair[]
  readonly checks: () => Promise<SystemChecks>
  /** Connects the intake of its provider's events, for commands. */
  readonly intake: () => Promise<(connections: IntakeConnections, env: Env) => IntakeParts>
  readonly onePerson: () => Promise<OnePerson>
  readonly worker: () => Promise<WorkerPart>
  readonly server: () => Promise<ServerPart>
}

/** A command as the overview shows it. Its module, with all dependencies, is loaded only when the command is run. */
export interface KnownCommand {
  readonly name: string
  /** The line in the overview; the command's own help has the details. */
  readonly summary: string
  readonly load: () => Promise<(help: CommandHelp) => Command>
}

/** A command that only some systems have. */
export interface OwnCommand extends KnownCommand {
  /** The heading below which the overview shows it. */
  readonly heading: 'One person' | 'All signups' | 'Set up and check'
}

/** An option of `diagnose` that repairs something instead. */
export interface SetupRepair {
  /** `--fix-index` */
  readonly option: string
  readonly description: string
  /** Options that mean something only together with it. */
  readonly details: readonly { readonly option: string; readonly description: string }[]
  /** Runs the repair as a command of its own. */
  readonly load: () => Promise<(system: string, options: RepairOptions) => Promise<void>>
}

/** The options of a command that repairs, with the details by their names: `rename` for `--rename`. */
export interface RepairOptions {
  readonly json?: boolean
  readonly useEnv?: boolean
  readonly yes?: boolean
  readonly details: ReadonlySet<string>
}

/** The words of a command's help, which is printed without knowing the system: those of one served system. */
export interface CommandHelp {
  readonly system: System
  /** The systems that have the command. */
  readonly systems: readonly System[]
  /** An identity, quoted for a shell. */
  readonly id: string
  readonly example: PeopleExample
  /** The repairs that some system offers. */
  readonly repairs: readonly SetupRepair[]
}
