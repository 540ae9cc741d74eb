import { Command, CommanderError } from 'commander'
import { withoutPersonal } from '../contracts/personal.ts'
import type { System } from '../contracts/systems.ts'
import { ConfigError, loadConfig } from '../config.ts'
import { withRunnableCommands } from '../domain/text/commands-in-text.ts'
import { shellQuoted } from '../contracts/text/shell.ts'
import { EXIT } from '../errors.ts'
import { loadSystems, supportedSystems } from '../systems/served.ts'
import type { CommandHelp } from '../systems/command-part.ts'
import type { ServedSystem } from '../systems/system.ts'
import { withCommonOptions } from './lib/command.ts'
import { listedCommands } from './commands.ts'
import { printJson, printProgress } from './format/output.ts'

const overview = ({ system, id }: CommandHelp): string => `
Most commands take the system first, then the person, if any. --json prints one document for programs.

${columns([
  [`holdfast list ${system} --stuck`, 'which signups are blocked, and by what'],
  [`holdfast why ${system} ${id}`, 'one person: stage, cause, stores, what to do'],
  [`holdfast retry ${system} ${id}`, 'retry the failed step now'],
  [`holdfast check ${system}`, 'test the live configuration'],
  [`holdfast audit ${system}`, 'compare all people across all stores'],
  [`holdfast backfill ${system} --fix`, 'repair what can be repaired, and check again'],
  [`holdfast diagnose ${system}`, 'one report for an incident'],
])}

In a checkout where "npm start" runs, commands find its servers automatically; elsewhere the environment
names them (see .env.example).

Exit codes: 0 done; 1 findings, failures, or an unknown person; 2 wrong usage, or no connection.`

/**
 * The whole command, for every system that is supported when `run` is called. `run` resolves when it is done, with the
 * exit code in `process.exitCode`.
 */
export function createProgram(): { run(args: readonly string[]): Promise<number> } {
  return {
    async run(args) {
      const program = await programFor(args)
      const typed = args[0] === 'version' ? ['--version'] : args
      try {
        await program.parseAsync(typed, { from: 'user' })
        return Number(process.exitCode ?? EXIT.done)
      } catch (error) {
        if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done
        const { toUserError } = await import('./format/user-errors.ts')
        const failure = toUserError(typedSystem(args) ?? servedNames()[0] ?? supportedSystems()[0], error)
        if (args.includes('--json'))
          printJson({
            error: withoutPersonal(
              sayingChoices(failure instanceof Error ? failure.message : String(failure)),
            ),
          })
        if (error instanceof CommanderError) return EXIT.usage // it has printed the reason
        throw failure
      }
    },
  }
}

/**
 * The requested command in full, and the others only by their names: loading their dependencies takes over a second.
 * Help shows the commands and the examples of the systems in HOLDFAST_SYSTEMS; the others can be run all the same.
 */
export async function programFor(args: readonly string[]): Promise<Command> {
  const systems = await loadSystems(supportedSystems())
  const served = servedNames()
  const shown = systems.find(({ name }) => name === served[0]) ?? systems[0]
  if (shown === undefined) throw new Error('this version of Holdfast supports no system')
  const program = new Command('holdfast')
    .description('Start, follow and repair signups.')
    .version(loadConfig(['build']).build)
    .addHelpText('after', withRunnableCommands(overview(helpOf(shown, [], systems))))
    .commandsGroup('Help:')
    .helpCommand(true)
    .showHelpAfterError('(use --help to see all arguments and options)')
  const [first, second] = args.filter((arg) => !arg.startsWith('-'))
  const asked = first === 'help' ? second : first
  for (const { name, summary, heading, systems: owners, load } of listedCommands(
    systems,
    typedSystem(args),
  )) {
    if (name !== asked && !owners.some((owner) => served.includes(owner))) continue
    const example = owners.includes(shown.name) ? shown : systems.find((one) => owners.includes(one.name))
    const command =
      name === asked
        ? withCommonOptions((await load())(helpOf(example ?? shown, owners, systems)))
        : new Command(name).description(summary)
    program.addCommand(command.helpGroup(`${heading}:`))
  }
  for (const command of [program, ...program.commands])
    command
      .exitOverride()
      .configureOutput({ writeErr: printProgress, outputError: (text, write) => write(sayingChoices(text)) })
  return program
}

function helpOf(
  { name, people }: ServedSystem,
  systems: readonly System[],
  all: readonly ServedSystem[],
): CommandHelp {
  return {
    system: name,
    systems,
    id: shellQuoted(people.example.identity),
    example: people.example,
    repairs: all.flatMap(({ repairs }) => repairs),
  }
}

/** The systems in HOLDFAST_SYSTEMS; all supported ones where it names none of them, or is malformed: help is printed. */
function servedNames(): readonly System[] {
  const supported = supportedSystems()
  try {
    const named = loadConfig(['systems']).systems.filter((name) => supported.includes(name))
    return named.length === 0 ? supported : named
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return supported
  }
}

/** The first supported system among the arguments; a later one may be the name of a person or a file. */
function typedSystem(args: readonly string[]): System | undefined {
  const supported = supportedSystems()
  return args.flatMap((arg) => supported.filter((system) => system === arg))[0]
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([command]) => command.length))
  return rows.map(([command, meaning]) => `  $ ${command.padEnd(width)}   ${meaning}`).join('\n')
}

/** Commander names the argument; the user at a terminal knows only the value they typed. */
function sayingChoices(text: string): string {
  return text.replace(
    /^error: command-argument value '(.*)' is invalid for argument '.*'\. Allowed choices are (.*)\.$/m,
    "error: unknown value '$1'; it must be one of: $2",
  )
}
