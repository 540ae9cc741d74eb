import type { Command } from 'commander'
import type { PeopleExample } from '../config/people.ts'
import type { System } from '../contracts/systems.ts'

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
