import { supportedSystems } from '../systems/served.ts'
import { Command, CommanderError } from 'commander'
import { withoutPersonal } from '../contracts/personal.ts'
import { loadConfig } from '../config.ts'
import { withRunnableCommands } from '../domain/text/commands-in-text.ts'
import { EXIT } from '../errors.ts'
import { withCommonOptions } from './lib/command.ts'
import { COMMANDS, GROUPS, type KnownCommand } from './commands.ts'
import { printJson, printProgress } from './format/output.ts'

const HELP = `
Most commands take the system first, then the person, if any. --json prints one document for programs.

  $ holdfast list atproto --stuck              which signups are blocked, and by what
  $ holdfast why atproto 'auth0|6123abc'       one person: stage, cause, stores, what to do
  $ holdfast retry atproto 'auth0|6123abc'     retry the failed step now
  $ holdfast check atproto                     test the live configuration
  $ holdfast audit atproto                     compare all people across all stores
  $ holdfast backfill atproto --fix            repair what can be repaired, and check again
  $ holdfast diagnose atproto                  one report for an incident

In a checkout where "npm start" runs, commands find its servers automatically; elsewhere the environment
names them (see .env.example).

Exit codes: 0 done; 1 findings, failures, or an unknown person; 2 wrong usage, or no connection.`

/** The whole command. `run` resolves when it is done, with the exit code in `process.exitCode`. */
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
        const failure = toUserError(
          supportedSystems().find((system) => args.includes(system)) ?? supportedSystems()[0],
          error,
        )
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
 */
export async function programFor(args: readonly string[]): Promise<Command> {
  const program = new Command('holdfast')
    .description('Start, follow and repair signups.')
    .version(loadConfig(['build']).build)
    .addHelpText('after', withRunnableCommands(HELP))
    .commandsGroup('Help:')
    .helpCommand(true)
    .showHelpAfterError('(use --help to see all arguments and options)')
  const [first, second] = args.filter((arg) => !arg.startsWith('-'))
  const asked = first === 'help' ? second : first
  for (const [heading, names] of Object.entries(GROUPS)) {
    for (const name of names) {
      const { summary, load } = commandNamed(name)
      const command =
        name === asked ? withCommonOptions((await load())()) : new Command(name).description(summary)
      program.addCommand(command.helpGroup(heading))
    }
  }
  for (const command of [program, ...program.commands])
    command
      .exitOverride()
      .configureOutput({ writeErr: printProgress, outputError: (text, write) => write(sayingChoices(text)) })
  return program
}

function commandNamed(name: string): KnownCommand {
  const command = COMMANDS.find((known) => known.name === name)
  if (command === undefined) throw new Error(`no command ${name}`)
  return command
}

/** Commander names the argument; the user at a terminal knows only the value they typed. */
function sayingChoices(text: string): string {
  return text.replace(
    /^error: command-argument value '(.*)' is invalid for argument '.*'\. Allowed choices are (.*)\.$/m,
    "error: unknown value '$1'; it must be one of: $2",
  )
}
