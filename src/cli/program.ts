import { Command, CommanderError } from 'commander'
import { withoutPersonal } from '../contracts/personal.ts'
import { EXIT } from '../entry.ts'
import { catchUpCommand } from './catch-up.ts'
import { checkCommand } from './check.ts'
import { withCommonOptions } from './command.ts'
import { deleteCommand } from './delete.ts'
import { diagnoseCommand } from './diagnose.ts'
import { explained } from './explained.ts'
import { keysCommand } from './keys.ts'
import { exportCommand } from './export.ts'
import { listCommand } from './list.ts'
import { passwordCommand } from './password.ts'
import { pauseCommand } from './pause.ts'
import { printJson } from './print.ts'
import { quarantineCommand } from './quarantine.ts'
import { resumeCommand } from './resume.ts'
import { retryCommand } from './retry.ts'
import { schedulesCommand } from './schedules.ts'
import { signupCommand } from './signup.ts'
import { statusCommand } from './status.ts'
import { syncHandleCommand } from './sync-handle.ts'
import { verifyCommand } from './verify.ts'

const HELP = `
Every command takes the system first, then the person where one is meant, and --json for programs:

  $ holdfast list atproto --stuck              who is held up, and by what
  $ holdfast status atproto 'auth0|6123abc'    where one signup is, why, and what to do
  $ holdfast retry atproto 'auth0|6123abc'     try the failed step again now
  $ holdfast signup atproto 'auth0|6123abc'    start a signup that nobody reported
  $ holdfast check atproto                     try the live configuration
  $ holdfast diagnose atproto                  the report for an incident
  $ holdfast export atproto 'auth0|6123abc'    everything held on one person
  $ holdfast delete atproto 'auth0|6123abc'    take one person out of every store

In a checkout where "npm start" runs, commands find its servers by themselves; elsewhere the environment
names them (see .env.example).

Exit codes: 0 done; 1 no such person, or the answer is no; 2 wrong usage, or no connection.`

// prettier-ignore
const COMMANDS = [
  signupCommand,
  verifyCommand,
  statusCommand,
  listCommand,
  retryCommand,
  pauseCommand,
  resumeCommand,
  passwordCommand,
  keysCommand,
  syncHandleCommand,
  quarantineCommand,
  checkCommand,
  diagnoseCommand,
  exportCommand,
  deleteCommand,
  catchUpCommand,
  schedulesCommand,
]

/** The whole command. `run` resolves when it is done, with the exit code in `process.exitCode`. */
export function createProgram(): { run(args: readonly string[]): Promise<number> } {
  const program = new Command('holdfast')
    .description('Makes every signup arrive: start, follow and repair signups.')
    .addHelpText('after', HELP)
    .showHelpAfterError('(add --help for what it takes)')
  for (const command of COMMANDS) program.addCommand(withCommonOptions(command()))
  for (const command of [program, ...program.commands]) command.exitOverride()

  return {
    async run(args) {
      try {
        await program.parseAsync(args, { from: 'user' })
        return Number(process.exitCode ?? EXIT.done)
      } catch (error) {
        if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done
        const failure = explained(error)
        if (args.includes('--json'))
          printJson({ error: withoutPersonal(failure instanceof Error ? failure.message : String(failure)) })
        if (error instanceof CommanderError) return EXIT.usage // it has said why
        throw failure
      }
    },
  }
}
