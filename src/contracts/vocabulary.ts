import { ATPROTO_VOCABULARY } from './atproto/vocabulary.ts'
import type { POSTGRES_CHECKS, POSTGRES_PROBLEMS_OF_CHECKS } from './postgres/checks.ts'
import type { POSTGRES_PROBLEMS } from './postgres/problems.ts'
import { SHARED_ALERTS } from './shared/alerts.ts'
import { SHARED_CHECKS } from './shared/checks.ts'
import { SHARED_PROBLEMS } from './shared/problems.ts'
import { SUPABASE_VOCABULARY } from './supabase/vocabulary.ts'
import type { System } from './systems.ts'
import type { Vocabulary, Words, WordTables } from './words.ts'
import type { SystemWorkflows } from './workflows.ts'

/**
 * The words of each system, for types. The interface is open: a system from outside `src/`, such as the one of the
 * tests, adds its own by declaration merging.
 */
export interface Vocabularies {
  atproto: typeof ATPROTO_VOCABULARY
  supabase: typeof SUPABASE_VOCABULARY
}

/** The same words as a table, to which such a system is added before anything starts. */
export const VOCABULARIES: Partial<Record<System, Vocabulary>> = {
  atproto: ATPROTO_VOCABULARY,
  supabase: SUPABASE_VOCABULARY,
}

/** Words that every system has. A system may say them in its own way: its own word is preferred. */
const SHARED = {
  problems: SHARED_PROBLEMS,
  checks: SHARED_CHECKS,
  alerts: SHARED_ALERTS,
  gaps: {},
  steps: {},
} as const satisfies WordTables

/** The words of a database in which a system may keep its state; the vocabulary of such a system includes them. */
interface DatabaseWords {
  problems: typeof POSTGRES_PROBLEMS
  checks: typeof POSTGRES_CHECKS
}

/** The names that any system has in one of its tables, or may have by the database of its state. */
export type NameIn<S extends keyof Words> =
  | keyof (typeof SHARED)[S]
  | { [N in keyof Vocabularies]: keyof Vocabularies[N][S] }[keyof Vocabularies]
  | (S extends keyof DatabaseWords ? keyof DatabaseWords[S] : never)

/** A problem that `check` may find, too. */
export type ProblemOfChecks =
  | (typeof POSTGRES_PROBLEMS_OF_CHECKS)[number]
  | { [N in keyof Vocabularies]: Vocabularies[N]['problemsOfChecks'][number] }[keyof Vocabularies]

/** A dependency of signups of any system, the database of its state among them. */
export type Dependency =
  | 'mongo'
  | 'postgres'
  | { [N in keyof Vocabularies]: keyof Vocabularies[N]['dependencies'] }[keyof Vocabularies]

/** An outcome for which a step of any system has a text, beside those of every step. */
export type OutcomeOfStep = {
  [N in keyof Vocabularies]: OutcomeIn<Vocabularies[N]['steps']>
}[keyof Vocabularies]
type OutcomeIn<T> = { [S in keyof T]: T[S] extends { outcomes: infer O } ? keyof O : never }[keyof T]

/** An alert that an inspection opens and closes; the problem among them is found without a signup, too. */
export type InspectionAlert =
  | 'no-worker'
  | RaisedByInspection<typeof SHARED_ALERTS>
  | { [N in keyof Vocabularies]: RaisedByInspection<Vocabularies[N]['alerts']> }[keyof Vocabularies]
type RaisedByInspection<T> = {
  [A in keyof T]: T[A] extends { raisedBy: 'inspection' } ? A : never
}[keyof T]

/** A word of a system; undefined where neither the system nor all systems have it. */
export function findWord<S extends keyof Words>(
  subject: S,
  system: string,
  name: string,
): Words[S] | undefined {
  const own: WordTables | undefined = Object.entries(VOCABULARIES).find(([named]) => named === system)?.[1]
  const shared: WordTables = SHARED
  return own?.[subject][name] ?? shared[subject][name]
}

/** The same for a word that the system must have. Throws where it does not. */
export function wordOf<S extends keyof Words>(subject: S, system: string, name: string): Words[S] {
  const word = findWord(subject, system, name)
  if (word === undefined) throw new Error(`the system ${system} has no word ${name} among its ${subject}`)
  return word
}

/** The properties of a name that are the same in every system that has it; undefined for a name that none has. */
export function anyWord<S extends keyof Words>(subject: S, name: string): Words[S] | undefined {
  const words = Object.keys(VOCABULARIES).map((system) => findWord(subject, system, name))
  return words.find((word) => word !== undefined)
}

/** The names in a table of one system, or of all systems; the shared ones first. The tables are read on each call. */
export function namesIn(subject: keyof Words, system?: System): string[] {
  const all = system === undefined ? Object.values(VOCABULARIES) : [vocabularyOf(system)]
  return [...new Set([SHARED[subject], ...all.map((own) => own[subject])].flatMap(Object.keys))]
}

/**
 * The problems that end as soon as a dependency answers again; the first means that it does not answer. They are the
 * same in every system that has this dependency.
 */
export function problemsOfDependency(dependency: Dependency): readonly [string, ...string[]] {
  const [problems] = Object.values(VOCABULARIES).flatMap(({ dependencies }) => {
    const found = dependencies[dependency]
    return found === undefined ? [] : [found]
  })
  if (problems === undefined) throw new Error(`no system has the dependency ${dependency}`)
  return problems
}

/** The words of a system. Throws for a system that this version does not support. */
export function vocabularyOf(system: System): Vocabulary {
  const found = VOCABULARIES[system]
  if (found === undefined) throw new Error(`this version of Holdfast does not support the system ${system}`)
  return found
}

/** The workflows and queues of a system. Throws for a system that this version does not support. */
export function workflowsOf(system: System): SystemWorkflows {
  return vocabularyOf(system).workflows
}

/**
 * Systems that Holdfast served before several could share a database: their documents there are named without the
 * system, and some do not carry it.
 */
const SERVED_ALONE: Partial<Record<System, true>> = { atproto: true }

export function wasServedAlone(system: System): boolean {
  return SERVED_ALONE[system] === true
}
