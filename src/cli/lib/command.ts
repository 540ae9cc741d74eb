import { Argument, Command, Option } from 'commander'
import { systemNames, type System } from '../../contracts/systems.ts'
import { supportedSystems } from '../../systems/served.ts'
import { withRunnableCommands, COMMAND_PREFIX } from '../../domain/text/commands-in-text.ts'
import { DOCS_FOLDER, withDocsUrl } from '../../domain/text/problem-page.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import { ConfigError } from '../../config/read.ts'
import { EXIT, UsageError } from '../../errors.ts'
import { printError } from '../../logging.ts'
import type { ActionRecorder } from './action-recorder.ts'
import type { CommandContext } from './context.ts'
import { printJson, printLines } from '../format/output.ts'

export interface CommonOptions {
  readonly json?: boolean
  readonly useEnv?: boolean
}

/** The result of a command: a document for programs, the same as text, and the exit code. */
export interface CommandResult {
  readonly document: unknown
  readonly text: string
  readonly exitCode?: number
  /** The text is data, not sentences: commands in it are not rewritten. */
  readonly verbatim?: boolean
}

/** A command whose first argument is the system, with the parts that all commands share. */
export function systemCommand(name: string, description: string, examples: readonly string[]): Command {
  const command = new Command(name)
  for (const alone of [new Argument('<system>', `the system: ${supportedSystems().join(', ')}`)])
    command.addArgument(alone)
  return withExamples(command.description(description), examples)
}

/** Examples below a command's help. */
export function withExamples(command: Command, examples: readonly string[]): Command {
  return command.addHelpText(
    'after',
    ['', 'Examples:', ...examples.map((line) => `  $ ${COMMAND_PREFIX} ${line}`)].join('\n'),
  )
}

/** Adds the options that all commands have; called last, so that they are last in the help. */
export function withCommonOptions(command: Command): Command {
  return command
    .addOption(new Option('--json', 'print one JSON document and nothing else'))
    .addOption(
      new Option('--use-env', "use this shell's environment, even while `npm start` runs in this checkout"),
    )
}

/**
 * Runs a command's work and prints its result; work that prints as it runs returns only its exit code. With `--json` an
 * error of ours is printed as a document too.
 */
export async function runForSystem(
  system: string,
  options: CommonOptions,
  work: (context: CommandContext) => Promise<CommandResult | number>,
): Promise<void> {
  await runIn(servedSystem(system), options, work)
}

/** The same for a command that concerns no single system. */
export async function runCommand(
  options: CommonOptions,
  work: (context: CommandContext) => Promise<CommandResult | number>,
): Promise<void> {
  await runIn(supportedSystems()[0], options, work)
}

async function runIn(
  system: System,
  { json = false, useEnv = false }: CommonOptions,
  work: (context: CommandContext) => Promise<CommandResult | number>,
): Promise<void> {
  // This module loads the clients of MongoDB and Temporal, which wrong usage and help do not need.
  const { openContext } = await import('./context.ts')
  const context = openContext(system, { useEnv })
  const hint = useEnv ? null : context.withoutStack
  try {
    const answered = await recordOutcome(context.acting, () => work(context))
    if (typeof answered === 'number') {
      process.exitCode = answered
      return
    }
    const { document, text, exitCode = EXIT.done, verbatim = false } = answered
    if (json) printJson(document)
    else printLines(verbatim ? text : withDocsUrl(withRunnableCommands(text), docsUrlOf(context)))
    process.exitCode = exitCode
  } catch (error) {
    if (!(error instanceof ConfigError) || hint === null) throw error
    throw new UsageError(`${error.message}\n${hint}`, { cause: error })
  } finally {
    await context.close()
  }
}

/** A malformed HOLDFAST_DOCS_URL, which `check` reports, is no reason to fail: the links name the checkout's pages then. */
function docsUrlOf(context: CommandContext): string {
  try {
    return context.config('docs').docs.url
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return DOCS_FOLDER
  }
}

/** Actions of the command are recorded as succeeded if it exits with 0, otherwise as failed. */
async function recordOutcome(
  acting: ActionRecorder,
  work: () => Promise<CommandResult | number>,
): Promise<CommandResult | number> {
  let answered: CommandResult | number
  try {
    answered = await work()
  } catch (error) {
    // The command's own error is its result; the missing outcome in the record is reported in addition.
    const [recorded] = await Promise.allSettled([acting.end('failed', nameOf(error))])
    if (recorded.status === 'rejected') printError(recorded.reason)
    throw error
  }
  const exitCode = typeof answered === 'number' ? answered : (answered.exitCode ?? EXIT.done)
  await acting.end(exitCode === EXIT.done ? 'succeeded' : 'failed', null)
  return answered
}

function nameOf(error: unknown): string {
  if (error instanceof OutsideError) return error.problem
  return error instanceof Error ? error.name : 'unknown'
}

/** A system by its name. */
function servedSystem(system: string): System {
  const found = supportedSystems().find((served) => served === system)
  if (found !== undefined) return found
  const known = systemNames().some((name) => name === system)
  throw new UsageError(
    known
      ? `This version of Holdfast does not support the system ${system}, only ${supportedSystems().join(', ')}.`
      : `Unknown system '${system}'. The first argument is the system: ${supportedSystems().join(', ')}.`,
  )
}
