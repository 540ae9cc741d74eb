import type { System } from '../../contracts/systems.ts'
import { allHandlersFinished, condition, setHandler, workflowInfo } from '@temporalio/workflow'
import type { RepairReport, WorkflowBatches } from '../../contracts/backfill.ts'
import { repaired } from '../../contracts/messages.ts'
import { shellQuoted } from '../../contracts/text/shell.ts'
import type { OutageOptions, ThroughOutages } from './outage.ts'
import { auditActivities } from './scan.ts'
import { withDescription } from './descriptions.ts'

/** A repair that takes longer than this (its person is being deleted, or it waits at a rate limit) lets another one start. */
const SLOW_MS = 30_000
/** The stores are checked after this time without any report. */
const POLL_AFTER = '30s'
/** The most running time of the backfill that one person may take; a run must end whatever happens to one person. */
const LIMIT_MINUTES = 30
const LIMIT_MS = LIMIT_MINUTES * 60_000

export interface WindowState {
  cursor: string | null
  allStarted: boolean
  /** By identity: the running time of the backfill, in milliseconds without pauses, when their repair was started. */
  readonly inFlight: Map<string, number>
}

export interface WindowOptions extends OutageOptions {
  readonly auditId: string
  readonly batches: WorkflowBatches
  readonly state: WindowState
  readonly throughOutages: ThroughOutages
}

/**
 * A sliding window over the plan: each person is repaired by their own signup, which reports once. The set of repairs
 * in flight is handed on when the run continues as new; a count alone would lose reports that come meanwhile.
 */
export async function repairByWindow(options: WindowOptions): Promise<void> {
  const { system, auditId, batches, state, view, throughOutages, continueAsNew } = options
  const { inFlight } = state
  let heard = 0
  /** The whole system is paused: a signup has reported it, or the earlier run was waiting for the end of the pause. */
  let systemPaused = inFlight.size > 0 && (view.counts().waitsFor ?? null) !== null
  const take = (report: RepairReport): void => {
    heard += 1
    if (report.problem === 'paused') {
      systemPaused = true // no failure: the repair stays in flight, and goes on when the system is resumed
      return
    }
    if (inFlight.delete(report.identity)) view.addReport(report)
    else early.set(report.identity, report)
  }
  /** Reports that came before the activity that started those repairs had returned. */
  const early = new Map<string, RepairReport>()
  setHandler(repaired, (...reports) => reports.forEach(take), withDescription(repaired))

  /** People whose repair has taken at least `ms`. */
  const longerThan = (ms: number): string[] => {
    const now = view.activeMs()
    return [...inFlight].filter(([, startedAt]) => now - startedAt >= ms).map(([identity]) => identity)
  }
  const room = (): number => {
    if (view.isPaused() || state.allStarted) return 0
    const slow = longerThan(SLOW_MS).length
    const { workflows, workflowsAtMost } = batches
    return Math.max(0, Math.min(workflows - (inFlight.size - slow), workflowsAtMost - inFlight.size))
  }
  const isOver = (): boolean => state.allStarted && inFlight.size === 0

  while (!isOver()) {
    // Before further repairs are started: a signal that comes during this task makes the server reject the task, with
    // all its commands.
    if (workflowInfo().continueAsNewSuggested && (await condition(allHandlersFinished, '1s')))
      await continueAsNew()
    if (systemPaused) {
      systemPaused = false
      await pollRepairs([...inFlight.keys()]) // waits until the system is resumed
    }
    const overdue = longerThan(LIMIT_MS)
    if (overdue.length > 0) {
      await pollRepairs(overdue)
      for (const identity of overdue) if (inFlight.has(identity)) take(overdueReport(system, identity))
    }
    const limit = room()
    if (limit > 0) {
      const reportTo = workflowInfo().workflowId
      const after = state.cursor
      const started = await throughOutages(() =>
        auditActivities.startRepairs({ auditId, after, limit, reportTo }),
      )
      for (const identity of started) inFlight.set(identity, view.activeMs())
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
    const moved = (): boolean =>
      systemPaused || room() > 0 || isOver() || (inFlight.size === 0 && !view.isPaused())
    if (inFlight.size === 0) await condition(moved)
    else if (!(await condition(moved, POLL_AFTER)) && heard === before)
      await pollRepairs([...inFlight.keys()])
  }

  async function pollRepairs(identities: string[]): Promise<void> {
    const reports = await throughOutages(() => auditActivities.pollRepairs({ auditId, identities }))
    for (const report of reports) take(report)
  }
}

function overdueReport(system: System, identity: string): RepairReport {
  return {
    identity,
    outcome: 'failed',
    problem: 'still-under-way',
    sentence: `Neither completed nor reported a problem within ${LIMIT_MINUTES} minutes; its workflow continues.`,
    fix: `To see its stage: holdfast why ${system} ${shellQuoted(identity)}`,
  }
}
