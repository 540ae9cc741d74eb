import { Argument, Command, Option } from 'commander'
import { SYSTEMS, type System } from '../contracts/systems.ts'
import { EXIT, UsageError } from '../entry.ts'
import type { CommandContext } from './context.ts'
import { printJson } from './print.ts'

export interface CommonOptions {
  readonly json?: boolean
  readonly useEnv?: boolean
}

/** What a command answers: a document for programs, the same for people, and the exit code. */
export interface Answer {
  readonly document: unknown
  readonly text: string
  readonly exitCode?: number
}

/** A command whose first argument is the system, with what all commands share. */
export function systemCommand(name: string, description: string, examples: readonly string[]): Command {
  const command = new Command(name)
  for (const alone of [new Argument('<system>', `which system: ${SYSTEMS.join(', ')}`)])
    command.addArgument(alone)
  return withExamples(command.description(description), examples)
}

/** Examples below a command's help. */
export function withExamples(command: Command, examples: readonly string[]): Command {
  return command.addHelpText(
    'after',
    ['', 'Examples:', ...examples.map((line) => `  $ holdfast ${line}`)].join('\n'),
  )
}

/** Adds the options all commands have; last, so that they stand last in the help. */
export function withCommonOptions(command: Command): Command {
  return command
    .addOption(new Option('--json', 'print one JSON document and nothing else'))
    .addOption(
      new Option('--use-env', "use this shell's environment even while `npm start` runs in the checkout"),
    )
}

/**
 * Runs a command's work and prints its answer; work that prints as it goes answers its exit code alone. An error of ours
 * becomes a document too when `--json` was said.
 */
export async function answer(
  system: string,
  options: CommonOptions,
  work: (context: CommandContext) => Promise<Answer | number>,
): Promise<void> {
  assertServed(system)
  await answerAlone(options, work)
}

/** The same for a command that is about no system in particular. */
export async function answerAlone(
  { json = false, useEnv = false }: CommonOptions,
  work: (context: CommandContext) => Promise<Answer | number>,
): Promise<void> {
  // Brings the clients of MongoDB and Temporal with it, which wrong usage and help do without.
  const { openContext } = await import('./context.ts')
  const context = openContext({ useEnv })
  try {
    const answered = await work(context)
    if (typeof answered === 'number') {
      process.exitCode = answered
      return
    }
    const { document, text, exitCode = EXIT.done } = answered
    if (json) printJson(document)
    else process.stdout.write(`${text}\n`)
    process.exitCode = exitCode
  } finally {
    await context.close()
  }
}

/** A system by its name, once `answer` has taken it. */
export function systemNamed(name: string): System {
  const system = SYSTEMS.find((known) => known === name)
  if (system === undefined) throw new UsageError(`There is no system '${name}'.`)
  return system
}

function assertServed(system: string): void {
  if (system === 'atproto') return
  const known = SYSTEMS.some((name) => name === system)
  throw new UsageError(
    known
      ? `The system ${system} is not served by this version of Holdfast; atproto is.`
      : `There is no system '${system}'. The first argument is one of: ${SYSTEMS.join(', ')}.`,
  )
}
