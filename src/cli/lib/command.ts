import { Argument, Command, Option } from 'commander'
import { systemNames, type System } from '../../contracts/systems.ts'
import { loadSystem, supportedSystems } from '../../systems/served.ts'
import type { CommandHelp } from '../../systems/command-part.ts'
import type { ServedSystem } from '../../systems/system.ts'
import { withRunnableCommands, COMMAND_PREFIX } from '../../domain/text/commands-in-text.ts'
import { DOCS_FOLDER, withDocsUrl } from '../../domain/text/problem-page.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import { ConfigError } from '../../config/read.ts'
import { EXIT, UsageError } from '../../errors.ts'
import { printError } from '../../logging.ts'
import type { ActionRecorder } from './action-recorder.ts'
import type { CommandContext, SharedContext } from './context.ts'
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

/** A line of help, or null for one that the system of the examples has no use for. */
type Example = string | null

/** A command whose first argument is the system, with the parts that all commands share. */
export function systemCommand(
  help: CommandHelp,
  name: string,
  description: string,
  examples: readonly Example[],
): Command {
  const command = new Command(name).addArgument(systemArgument(help))
  return withExamples(command.description(description), examples)
}

export function systemArgument({ systems }: CommandHelp): Argument {
  return new Argument('<system>', `the system: ${systems.join(', ')}`)
}

/** Examples below a command's help. */
export function withExamples(command: Command, examples: readonly Example[]): Command {
  const lines = examples.flatMap((line) => (line === null ? [] : [`  $ ${COMMAND_PREFIX} ${line}`]))
  return command.addHelpText('after', ['', 'Examples:', ...lines].join('\n'))
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
  const served = await servedSystem(system)
  const { openContext } = await contextModule()
  await runIn(openContext(served, settingsOf(options)), options, work)
}

/** The same for a command that only some systems have: it is refused by name for the others. */
export async function runOwn(
  { systems }: Pick<CommandHelp, 'systems'>,
  name: string,
  system: string,
  options: CommonOptions,
  work: (context: CommandContext) => Promise<CommandResult | number>,
): Promise<void> {
  const served = await servedSystem(system)
  if (!systems.includes(served.name))
    throw new UsageError(`${served.name} has no ${name}: \`${name}\` applies to ${systems.join(', ')}.`)
  await runForSystem(system, options, work)
}

/** The same for a command that concerns no single system. `byAnybody`: it neither reads nor changes anything. */
export async function runCommand(
  options: CommonOptions,
  work: (context: SharedContext) => Promise<CommandResult | number>,
  { byAnybody = false }: { readonly byAnybody?: boolean } = {},
): Promise<void> {
  const { openSharedContext } = await contextModule()
  await runIn(openSharedContext(settingsOf(options)), options, work, byAnybody)
}

/** Loads the clients of MongoDB and Temporal, which wrong usage and help do not need. */
function contextModule() {
  return import('./context.ts')
}

function settingsOf({ useEnv = false }: CommonOptions): { useEnv: boolean } {
  return { useEnv }
}

async function runIn<C extends SharedContext>(
  context: C,
  { json = false, useEnv = false }: CommonOptions,
  work: (context: C) => Promise<CommandResult | number>,
  byAnybody = false,
): Promise<void> {
  const hint = useEnv ? null : context.withoutStack
  try {
    if (!byAnybody) context.assertOperator()
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
function docsUrlOf(context: SharedContext): string {
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

/** The names of the supported systems of which this is true, for a refusal that names them. */
export async function systemsWith(has: (system: ServedSystem) => Promise<boolean>): Promise<System[]> {
  const systems = await Promise.all(supportedSystems().map(loadSystem))
  const answers = await Promise.all(systems.map(has))
  return systems.flatMap(({ name }, index) => (answers[index] === true ? [name] : []))
}

/** The answers of a system by its name. */
async function servedSystem(system: string): Promise<ServedSystem> {
  const found = supportedSystems().find((name) => name === system)
  if (found !== undefined) return loadSystem(found)
  const supported = supportedSystems().join(', ')
  const known = systemNames().some((name) => name === system)
  throw new UsageError(
    known
      ? `This version of Holdfast does not support the system ${system}, only ${supported}.`
      : `Unknown system '${system}'. The first argument is the system: ${supported}.`,
  )
}
