import { shellQuoted } from '../domain/shell.ts'
import { EXIT } from '../entry.ts'
import type { Answer } from './command.ts'

/** An answer that says no, for people and programs alike. */
export function no(message: string): Answer {
  return { document: { error: message }, text: message, exitCode: EXIT.failed }
}

export function unknownPerson(id: string): Answer {
  return no(
    `No signup of '${id}' is known to Temporal. To start one: holdfast signup atproto ${shellQuoted(id)}`,
  )
}

export function notYetSeen(id: string): Answer {
  return no(
    `The signup of '${id}' was started and cannot be seen yet. Ask again: holdfast status atproto ${shellQuoted(id)}`,
  )
}
