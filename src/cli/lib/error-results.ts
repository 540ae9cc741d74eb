import type { System } from '../../contracts/systems.ts'
import { shellQuoted } from '../../contracts/text/shell.ts'
import { EXIT, UsageError } from '../../errors.ts'
import type { CommandResult } from './command.ts'

/** A failed result with one message, for people and programs alike. */
export function errorResult(message: string): CommandResult {
  return { document: { error: message }, text: message, exitCode: EXIT.failed }
}

/** An identity of Auth0 contains a '|'; a user code, a handle or an address does not, and cannot start a signup. */
function isIdentity(words: string): boolean {
  return words.includes('|')
}

/** Throws for a name that is not an identity, in commands that would start work for it. */
export function assertIdentity(system: System, id: string): void {
  if (isIdentity(id)) return
  throw new UsageError(
    `'${id}' is not an identity. Give it as the application stores it, such as 'auth0|6123abc'. ` +
      `To find a person by user code, handle or e-mail: holdfast why ${system} ${shellQuoted(id)}`,
  )
}

export function unknownPerson(system: System, id: string): CommandResult {
  return errorResult(`Temporal has no signup of '${id}'. ${whatToType(system, id)}`)
}

/** Neither a store nor a run at Temporal names them. */
export function unknownEverywhere(system: System, id: string): CommandResult {
  return errorResult(
    `'${id}' is unknown: no store has this person, and Temporal has no signup. ${whatToType(system, id)}`,
  )
}

function whatToType(system: System, id: string): string {
  return isIdentity(id)
    ? `To start one: holdfast signup ${system} ${shellQuoted(id)}`
    : `To find a person by user code, handle or e-mail: holdfast why ${system} ${shellQuoted(id)}`
}

export function notVisibleYet(system: System, id: string): CommandResult {
  return errorResult(
    `The signup of '${id}' was started but is not visible yet. Check again: holdfast status ${system} ${shellQuoted(id)}`,
  )
}
