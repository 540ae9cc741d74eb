import { condition, workflowInfo } from '@temporalio/workflow'
import type { RunWait } from '../../contracts/backfill.ts'
import type { System } from '../../contracts/systems.ts'
import { isWaitedOut, problemText } from '../../domain/problems.ts'
import { nameFailure } from './named-failure.ts'
import type { RepairView } from './repair-view.ts'

const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 60_000
/** The most attempts in a row at a step that fails with a problem for which the run does not wait. */
const ATTEMPTS_AT_MOST = 5

export interface OutageOptions {
  readonly system: System
  readonly view: RepairView
  /** Continues as new from the position before the step. */
  readonly continueAsNew: () => Promise<never>
}

/** Runs a step of a run: see `createOutageWait`. */
export type ThroughOutages = <T>(step: () => Promise<T>) => Promise<T>

/**
 * Repeats a step while something does not answer, limits the rate, or is paused as a whole, however long; the view says
 * what it waits for, and `resume` repeats it at once. Every other failure is thrown. The step must be safe to repeat,
 * and a pause of the run holds back the repetition.
 */
export function createOutageWait({ system, view, continueAsNew }: OutageOptions): ThroughOutages {
  return async (step) => {
    let attempts = 0
    for (let waited = 0; ; waited += 1) {
      try {
        const result = await step()
        view.waitFor(null)
        return result
      } catch (error) {
        const { problem, detail, retryAt, retryable } = nameFailure(error)
        const isWaited = isWaitedOut(system, problem)
        attempts = isWaited ? 0 : attempts + 1
        if (!isWaited && (!retryable || attempts >= ATTEMPTS_AT_MOST)) throw error
        const text = problemText(problem, { system, identity: '', detail, many: problem })
        view.waitFor(waitOf(view.counts().waitsFor, { problem, ...text }))
        const wait =
          retryAt === null ? FIRST_WAIT_MS * 2 ** Math.min(waited, 10) : Date.parse(retryAt) - Date.now()
        await view.resumedWithin(Math.min(Math.max(wait, FIRST_WAIT_MS), LONGEST_WAIT_MS))
        await condition(() => !view.isPaused())
        if (workflowInfo().continueAsNewSuggested) await continueAsNew()
      }
    }
  }
}

/** A problem that lasts keeps the time at which it was first seen. */
function waitOf(before: RunWait | null | undefined, now: Omit<RunWait, 'since'>): RunWait {
  const since = before?.problem === now.problem ? before.since : new Date().toISOString()
  return { ...now, since }
}
