import type { HistoryEvent } from '../contracts/history.ts'
import { wordOf } from '../contracts/vocabulary.ts'

/** One line of a person's history, in words. */
export function historyText(system: string, { step, outcome, problem, times }: HistoryEvent): string {
  const { doing, done, outcomes } = wordOf('steps', system, step)
  const often = times === 1 ? '' : `, ${times} times`
  if (outcome === 'problem') return `${doing} failed with ${problem ?? 'unexpected'}${often}`
  return outcomes?.[outcome]?.(often) ?? done
}
