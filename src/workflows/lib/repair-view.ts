import { condition, setCurrentDetails } from '@temporalio/workflow'
import type { AuditProgress } from '../../contracts/audit.ts'
import type {
  BackfillCarry,
  BackfillProgress,
  RepairFailure,
  RepairReport,
  RunWait,
} from '../../contracts/backfill.ts'
import { repairDetails } from './run-details.ts'

/** Failures listed one by one; further ones are only counted, so that no result and no history grows with them. */
export const MAX_FAILURES = 50

type Counts = Pick<
  BackfillCarry,
  'done' | 'failed' | 'removed' | 'failures' | 'activeMs' | 'paused' | 'waitsFor'
>
type Phase = BackfillProgress['phase']

/** The state of a backfill, from which its progress, details and result are derived. */
export interface RepairView {
  readonly progress: () => BackfillProgress
  readonly counts: () => Counts
  /** Milliseconds spent on repairs so far; pauses and outages are left out. */
  readonly activeMs: () => number
  isPaused(): boolean
  setPaused(paused: boolean): void
  /** Resolves when the run is not paused. */
  notPaused(): Promise<void>
  /** Null: it proceeds. */
  waitFor(wait: RunWait | null): void
  /** Resolves after this time, or as soon as somebody resumes the run. */
  resumedWithin(ms: number): Promise<void>
  scanning(scan: AuditProgress): void
  /** Begins a phase; `total`: the people of the plan, once it is known. */
  begin(phase: Phase, total?: number): void
  addReport(report: RepairReport): void
  /** Adds a page of repairs, of which `failures` are the first that failed. */
  addPage(
    by: 'database' | 'remove',
    page: { done: number; failed: number; failures: readonly RepairFailure[] },
  ): void
  /** The number of failures that can still be listed by name. */
  namesLeft(): number
  publish(): void
}

export function openRepairView(carried: BackfillCarry | undefined): RepairView {
  let phase: Phase = 'scanning'
  let scan: AuditProgress | null = null
  let total = carried?.plan.people ?? 0
  let paused = carried?.paused ?? false
  let waitsFor: RunWait | null = carried?.waitsFor ?? null
  let done = carried?.done ?? 0
  let failed = carried?.failed ?? 0
  let removed = carried?.removed ?? 0
  let failures: readonly RepairFailure[] = carried?.failures ?? []
  let activeMs = carried?.activeMs ?? 0
  let resumptions = 0
  /** When the current period of repairs started; null while none run. */
  let activeSince: number | null = null

  const active = (): number => activeMs + (activeSince === null ? 0 : Date.now() - activeSince)
  const runClock = (): void => {
    const running = !paused && waitsFor === null && (phase === 'repairing' || phase === 'removing')
    activeMs = active()
    activeSince = running ? Date.now() : null
  }
  const progress = (): BackfillProgress => {
    const seconds = active() / 1_000
    const rate = seconds > 0 && done + failed > 0 ? (done + failed) / seconds : null
    const etaSeconds = rate === null || rate === 0 ? null : Math.ceil((total - done - failed) / rate)
    return { phase, scan, paused, waitsFor, total, done, failed, rate, etaSeconds }
  }
  const publish = (): void => setCurrentDetails(repairDetails(progress()))
  const list = (more: readonly RepairFailure[]): void =>
    void (failures = [...failures, ...more].slice(0, MAX_FAILURES))

  return {
    progress,
    counts: () => ({ done, failed, removed, failures, activeMs: active(), paused, waitsFor }),
    activeMs: active,
    isPaused: () => paused,
    setPaused(next) {
      paused = next
      if (!paused) resumptions += 1
      if (phase === 'done') return
      runClock()
      publish()
    },
    notPaused: () => condition(() => !paused),
    waitFor(next) {
      if (next === null && waitsFor === null) return
      waitsFor = next
      runClock()
      publish()
    },
    async resumedWithin(ms) {
      const before = resumptions
      await condition(() => resumptions > before, ms)
    },
    scanning(next) {
      scan = next
      publish()
    },
    begin(next, people = total) {
      phase = next
      scan = null
      total = people
      runClock()
      publish()
    },
    addReport({ identity, outcome, problem, sentence, fix }) {
      if (outcome === 'done') done += 1
      else {
        failed += 1
        list([{ identity, problem: problem ?? 'unexpected', sentence, fix }])
      }
    },
    addPage(by, page) {
      done += page.done
      if (by === 'remove') removed += page.done
      failed += page.failed
      list(page.failures)
    },
    namesLeft: () => MAX_FAILURES - failures.length,
    publish,
  }
}
