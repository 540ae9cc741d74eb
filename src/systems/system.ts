import type { WorkflowBundleOption } from '@temporalio/worker'
import type { Client } from '@temporalio/client'
import type { Command } from 'commander'
import type { Hono } from 'hono'
import type { Env } from '../config.ts'
import type { Settings } from '../config/fingerprints.ts'
import type { SystemChecks } from '../checks/system-checks.ts'
import type { CatchUpTarget } from '../client/planned-schedules.ts'
import type { People, PeopleExample } from '../config/people.ts'
import type { StoredPasswords } from '../config/stored-passwords.ts'
import type { System } from '../contracts/systems.ts'
import type { ServerCheck } from '../http/monitor.ts'
import type { Logger } from '../logging.ts'
import type { ActionLog } from '../state/mongo/actions.ts'
import type { AlertStore } from '../state/mongo/alerts.ts'
import type { RunningWorkers } from '../worker/run.ts'

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
  readonly worker: () => Promise<WorkerPart>
  readonly server: () => Promise<ServerPart>
}

/** The system's part of a worker process. */
export interface WorkerPart {
  /** Reads what `start` needs of the environment; throws a `ConfigError` that names all that is wrong. */
  readonly checkConfig: (env?: Env) => void
  /**
   * Connects to the system's servers, and runs its workers until they are shut down. `finished` also ends whatever else
   * was started, and the connections.
   */
  start(options: { readonly bundle: WorkflowBundleOption; readonly logger: Logger }): Promise<RunningWorkers>
}

/** The system's part of a server process. */
export interface ServerPart {
  readonly checkConfig: (env?: Env) => void
  start(options: { readonly temporal: Client; readonly logger: Logger }): Promise<SystemServer>
}

/** One system inside a server process. */
export interface SystemServer {
  /** Adds the addresses to which the system's provider delivers its events. */
  addRoutes(app: Hono): void
  /** The server's own checks of the system: its workers, its dependencies, its `watch`. */
  readonly checks: readonly ServerCheck[]
  readonly alerts: AlertStore
  /** The record of actions, for what the codec shows. */
  readonly actions: ActionLog
  /** Resolves when the stores behind the routes answer; rejects with the reason otherwise. */
  ready(): Promise<void>
  /** Finishes what was begun behind the answers. */
  flush(): Promise<void>
  /** Ends the connections. */
  close(): Promise<void>
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
