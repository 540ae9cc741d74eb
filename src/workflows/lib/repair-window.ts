import { allHandlersFinished, condition, setHandler, workflowInfo } from '@temporalio/workflow'
import type { RepairReport } from '../../contracts/backfill.ts'
import { repaired } from '../../contracts/messages.ts'
import type { RepairView } from './repair-view.ts'
import { findAndRepair } from './scan.ts'

/**
 * People under way at once. They share the PDS, which works on few calls at a time, with live signups: each more makes
 * a backfill a little faster, and every live signup meanwhile slower (`npm run bench -- --only backfill`).
 */
const WINDOW = 3
/**
 * Who takes longer than this (a deletion that is not over, a turn to wait for) makes room for somebody else, until so
 * many are under way in all. A signup may hold its workflow task for as long as a database hangs, and a worker takes
 * 40 at a time: live signups, and a pause, find room all the same.
 */
const SLOW_MS = 30_000
const ALL = 16
/** After so long without a word from anybody, the stores are looked at. */
const SILENCE = '30s'

export interface WindowState {
  cursor: string | null
  allStarted: boolean
  /** By identity: when they were set going, in milliseconds. */
  readonly inFlight: Map<string, number>
}

/**
 * A sliding window over the plan: each person is set going by their own signup, which reports back once. The set in
 * flight is what a run hands on when it continues as new; a count would lose those who report meanwhile.
 */
export async function repairByWindow(options: {
  auditId: string
  state: WindowState
  view: RepairView
  continueAsNew: () => Promise<never>
}): Promise<void> {
  const { auditId, state, view, continueAsNew } = options
  const { inFlight } = state
  let heard = 0
  const take = (report: RepairReport): void => {
    heard += 1
    if (inFlight.delete(report.identity)) view.report(report)
    else early.set(report.identity, report)
  }
  /** From people who came to rest before the step that set them going had ended. */
  const early = new Map<string, RepairReport>()
  setHandler(repaired, (...reports) => reports.forEach(take))

  const room = (): number => {
    if (view.isPaused() || state.allStarted) return 0
    const slow = [...inFlight.values()].filter((at) => Date.now() - at >= SLOW_MS).length
    return Math.max(0, Math.min(WINDOW - (inFlight.size - slow), ALL - inFlight.size))
  }
  const isOver = (): boolean => state.allStarted && inFlight.size === 0

  while (!isOver()) {
    // Before anybody is set going: a signal that comes meanwhile has the server refuse the task, and all that is in it.
    if (workflowInfo().continueAsNewSuggested && (await condition(allHandlersFinished, '1s')))
      await continueAsNew()
    const limit = room()
    if (limit > 0) {
      const reportTo = workflowInfo().workflowId
      const started = await findAndRepair.startRepairs({ auditId, after: state.cursor, limit, reportTo })
      for (const identity of started) inFlight.set(identity, Date.now())
      for (const identity of started) {
        const report = early.get(identity)
        if (report !== undefined) take(report)
      }
      early.clear()
      state.cursor = started.at(-1) ?? state.cursor
      state.allStarted = started.length < limit
    }
    view.publish()
    const before = heard
    const moved = (): boolean => room() > 0 || isOver() || (inFlight.size === 0 && !view.isPaused())
    if (inFlight.size === 0) await condition(moved)
    else if (!(await condition(moved, SILENCE)) && heard === before) await askAbout([...inFlight.keys()])
  }

  async function askAbout(identities: string[]): Promise<void> {
    for (const report of await findAndRepair.lookAtRepairs({ auditId, identities })) take(report)
  }
}
