import type { System } from './systems.ts'
import { namesIn, type NameIn } from './vocabulary.ts'

/**
 * Reasons why a signup is blocked, of any system. The names are stable, since scripts, search attributes and alerts
 * depend on them.
 */
export type ProblemName = NameIn<'problems'>

/** The problems of one system, or of all systems. */
export function problemNames(system?: System): ProblemName[] {
  return namesIn('problems', system) as ProblemName[]
}

export function isProblemName(name: unknown): name is ProblemName {
  return problemNames().some((problem) => problem === name)
}

/** A name from outside, such as a failure's type; null for one that is no problem. */
export function problemNamed(name: unknown): ProblemName | null {
  return isProblemName(name) ? name : null
}

export interface Problem {
  readonly name: ProblemName
  readonly sentence: string
  readonly fix: string
  /** When it began to fail, ISO 8601. */
  readonly since: string
  /** Rounds of attempts so far; each round is a few quick tries. */
  readonly attempts: number
  /** When it is retried automatically, ISO 8601; null when only an operator can resolve it. */
  readonly nextTryAt: string | null
}

/** A step that waits at a rate limit, and since when, ISO 8601. A run hands it on when it continues as new. */
export interface LimitedStep {
  readonly step: string
  readonly since: string
}
