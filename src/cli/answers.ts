import { shellQuoted } from '../domain/shell.ts'
import { EXIT } from '../entry.ts'
import type { Answer } from './command.ts'

/** An answer that says no, for people and programs alike. */
export function no(message: string): Answer {
  return { document: { error: message }, text: message, exitCode: EXIT.failed }
}

/** What holds no '|' is hardly an identity: starting a signup of a user code would start nobody's. */
export function unknownPerson(id: string): Answer {
  if (!id.includes('|'))
    return no(
      `No signup of '${id}' is known to Temporal. By user code, handle or e-mail: holdfast why atproto ${shellQuoted(id)}`,
    )
  return no(
    `No signup of '${id}' is known to Temporal. To start one: holdfast signup atproto ${shellQuoted(id)}`,
  )
}

export function notYetSeen(id: string): Answer {
  return no(
    `The signup of '${id}' was started and cannot be seen yet. Ask again: holdfast status atproto ${shellQuoted(id)}`,
  )
}
