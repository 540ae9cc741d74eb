import { shellQuoted } from '../../contracts/text/shell.ts'
import { EXIT, UsageError } from '../../errors.ts'
import type { CommandResult } from './command.ts'
import type { CommandContext } from './context.ts'

/** A failed result with one message, for people and programs alike. */
export function errorResult(message: string): CommandResult {
  return { document: { error: message }, text: message, exitCode: EXIT.failed }
}

type OfSystem = Pick<CommandContext, 'system' | 'served'>

/** Throws for other words, such as a handle or an address, in commands that would start work for an identity. */
export function assertIdentity(context: OfSystem, id: string): void {
  const { isIdentity, example } = context.served.people
  if (isIdentity(id)) return
  throw new UsageError(
    `'${id}' is not an identity. Give it as the application stores it, such as '${example.identity}'. ${howToFind(context, id)}`,
  )
}

export function unknownPerson(context: OfSystem, id: string): CommandResult {
  return errorResult(`Temporal has no signup of '${id}'. ${whatToType(context, id)}`)
}

/** Neither a store nor a run at Temporal names them. */
export function unknownEverywhere(context: OfSystem, id: string): CommandResult {
  return errorResult(
    `'${id}' is unknown: no store has this person, and Temporal has no signup. ${whatToType(context, id)}`,
  )
}

function whatToType(context: OfSystem, id: string): string {
  return context.served.people.isIdentity(id)
    ? `To start one: holdfast signup ${context.system} ${shellQuoted(id)}`
    : howToFind(context, id)
}

function howToFind({ system, served }: OfSystem, id: string): string {
  return `To find a person by ${served.people.example.wordsAre}: holdfast why ${system} ${shellQuoted(id)}`
}

export function notVisibleYet({ system }: OfSystem, id: string): CommandResult {
  return errorResult(
    `The signup of '${id}' was started but is not visible yet. Check again: holdfast status ${system} ${shellQuoted(id)}`,
  )
}
