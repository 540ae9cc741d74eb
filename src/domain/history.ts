import type { HistoryEvent } from '../contracts/history.ts'
import { findWord } from '../contracts/vocabulary.ts'

/**
 * One line of a person's history, in words. A step without any, which another version recorded, is named as it was: the
 * rest of the history is needed all the more.
 */
export function historyText(system: string, { step, outcome, problem, times }: HistoryEvent): string {
  const word = findWord('steps', system, step)
  const often = times === 1 ? '' : `, ${times} times`
  if (outcome === 'problem') return `${word?.doing ?? step} failed with ${problem ?? 'unexpected'}${often}`
  return word?.outcomes?.[outcome]?.(often) ?? word?.done ?? `${step}: ${outcome}${often}`
}
