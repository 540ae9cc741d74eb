import { Command, CommanderError } from 'commander'
import { withoutPersonal } from '../contracts/personal.ts'
import { loadConfig } from '../config.ts'
import { EXIT } from '../entry.ts'
import { withCommonOptions } from './command.ts'
import { COMMANDS } from './commands.ts'
import { printJson } from './print.ts'

const HELP = `
Every command takes the system first, then the person where one is meant, and --json for programs:

  $ holdfast list atproto --stuck              who is held up, and by what
  $ holdfast status atproto 'auth0|6123abc'    where one signup is, why, and what to do
  $ holdfast retry atproto 'auth0|6123abc'     try the failed step again now
  $ holdfast signup atproto 'auth0|6123abc'    start a signup that nobody reported
  $ holdfast check atproto                     try the live configuration
  $ holdfast diagnose atproto                  the report for an incident
  $ holdfast audit atproto                     compare everybody in every store, name each gap
  $ holdfast backfill atproto --fix            repair what can be repaired, and look again
  $ holdfast export atproto 'auth0|6123abc'    everything held on one person
  $ holdfast delete atproto 'auth0|6123abc'    take one person out of every store

In a checkout where "npm start" runs, commands find its servers by themselves; elsewhere the environment
names them (see .env.example).

Exit codes: 0 done; 1 findings, no such person, or the answer is no; 2 wrong usage, or no connection.`

/** The whole command. `run` resolves when it is done, with the exit code in `process.exitCode`. */
export function createProgram(): { run(args: readonly string[]): Promise<number> } {
  return {
    async run(args) {
      const program = await programFor(args)
      try {
        await program.parseAsync(args, { from: 'user' })
        return Number(process.exitCode ?? EXIT.done)
      } catch (error) {
        if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done
        const { explained } = await import('./explained.ts')
        const failure = explained(error)
        if (args.includes('--json'))
          printJson({ error: withoutPersonal(failure instanceof Error ? failure.message : String(failure)) })
        if (error instanceof CommanderError) return EXIT.usage // it has said why
        throw failure
      }
    },
  }
}

/** The command that is asked for as it is, and the others by their names: what they need costs over a second to load. */
async function programFor(args: readonly string[]): Promise<Command> {
  const program = new Command('holdfast')
    .description('Makes every signup arrive: start, follow and repair signups.')
    .version(loadConfig(['build']).build)
    .addHelpText('after', HELP)
    .showHelpAfterError('(add --help for what it takes)')
  const [first, second] = args.filter((arg) => !arg.startsWith('-'))
  const asked = first === 'help' ? second : first
  for (const { name, summary, load } of COMMANDS) {
    program.addCommand(
      name === asked ? withCommonOptions((await load())()) : new Command(name).description(summary),
    )
  }
  for (const command of [program, ...program.commands]) command.exitOverride()
  return program
}
