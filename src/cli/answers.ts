import { shellQuoted } from '../domain/shell.ts'
import { EXIT, UsageError } from '../entry.ts'
import type { Answer } from './command.ts'

/** An answer that says no, for people and programs alike. */
export function no(message: string): Answer {
  return { document: { error: message }, text: message, exitCode: EXIT.failed }
}

/** What holds no '|' is no identity of Auth0: a user code, a handle or an address, by which nobody can be started. */
function isIdentity(words: string): boolean {
  return words.includes('|')
}

/** For commands that would begin something for a name that nobody has. */
export function assertIdentity(id: string): void {
  if (isIdentity(id)) return
  throw new UsageError(
    `'${id}' is no identity: those are spelled as the application stores them, such as 'auth0|6123abc'. ` +
      `Whose user code, handle or e-mail it is: holdfast why atproto ${shellQuoted(id)}`,
  )
}

export function unknownPerson(id: string): Answer {
  return no(`No signup of '${id}' is known to Temporal. ${whatToType(id)}`)
}

/** No store and no run at Temporal names them. */
export function nothingKnown(id: string): Answer {
  return no(`Nothing is known of '${id}': no store names them, and Temporal has no signup. ${whatToType(id)}`)
}

function whatToType(id: string): string {
  return isIdentity(id)
    ? `To start one: holdfast signup atproto ${shellQuoted(id)}`
    : `By user code, handle or e-mail: holdfast why atproto ${shellQuoted(id)}`
}

export function notYetSeen(id: string): Answer {
  return no(
    `The signup of '${id}' was started and cannot be seen yet. Ask again: holdfast status atproto ${shellQuoted(id)}`,
  )
}
