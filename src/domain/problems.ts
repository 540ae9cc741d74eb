import type { ProblemName } from '../contracts/problems.ts'
import type { System } from '../contracts/systems.ts'
import { anyWord, findWord, vocabularyOf } from '../contracts/vocabulary.ts'
import type { OperatorText, ProblemContext } from '../contracts/words.ts'

/** The sentence and the fix of a problem in a system, for `status`, `list`, the Temporal UI and the page. */
export function problemText(name: ProblemName, context: ProblemContext): OperatorText {
  const word = findWord('problems', context.system, name)
  // A workflow must not fail over its own words: a problem that only other systems know is an unexpected one here.
  if (word === undefined) return problemText('unexpected', { ...context, detail: { answer: name } })
  return { sentence: word.sentence(context), fix: word.fix(context) }
}

/** Whether a problem ends the signup, because no waiting will change the answer. */
export function endsSignup(name: ProblemName): boolean {
  return anyWord('problems', name)?.ends !== undefined
}

/** Whether a quick retry may get another answer; for all other problems it would be pointless. */
export function isQuicklyRetryable(name: ProblemName): boolean {
  return anyWord('problems', name)?.quickTry === true
}

/**
 * Whether a run waits while it has this problem: something does not answer, limits the rate, or is paused, and none of
 * that is about the record that is being written.
 */
export function isWaitedOut(system: System, name: ProblemName): boolean {
  if (WAITED_OUT.has(name) || isQuicklyRetryable(name)) return true
  const isUnanswered = Object.values(vocabularyOf(system).dependencies).some(([first]) => first === name)
  return isUnanswered || anyWord('problems', name)?.rateLimitOf !== undefined
}

const WAITED_OUT: ReadonlySet<string> = new Set(['paused', 'deletions-paused', 'step-slow'])

/** Whether a problem never ends by itself, so that its alert is raised at once. */
export function isAlertedAtOnce(name: ProblemName): boolean {
  return anyWord('problems', name)?.alertedAtOnce === true
}
