import { setCurrentDetails } from '@temporalio/workflow'
import type { AuditProgress } from '../../contracts/audit.ts'
import type {
  BackfillCarry,
  BackfillProgress,
  RepairFailure,
  RepairReport,
} from '../../contracts/backfill.ts'
import { repairDetails, scanDetails } from './run-details.ts'

/** Failures listed one by one; further ones are only counted. */
const MAX_FAILURES = 50

type Counts = Pick<BackfillCarry, 'done' | 'failed' | 'failures' | 'activeMs' | 'paused'>

/** The state of a backfill, from which its progress, details and result are derived. */
export interface RepairView {
  readonly progress: () => BackfillProgress
  readonly counts: () => Counts
  /** Milliseconds spent on repairs so far, pauses left out. */
  readonly activeMs: () => number
  isPaused(): boolean
  setPaused(paused: boolean): void
  scanning(scan: AuditProgress): void
  repairing(total: number): void
  verifying(): void
  ended(): void
  addReport(report: RepairReport): void
  repairedInDatabase(people: number): void
  publish(): void
}

export function openRepairView(carried: BackfillCarry | undefined): RepairView {
  let phase: BackfillProgress['phase'] = 'scanning'
  let scan: AuditProgress | null = null
  let total = carried?.plan.people ?? 0
  let paused = carried?.paused ?? false
  let done = carried?.done ?? 0
  let failed = carried?.failed ?? 0
  let failures: readonly RepairFailure[] = carried?.failures ?? []
  let activeMs = carried?.activeMs ?? 0
  /** When the current repair period started; null while no repairs run. */
  let activeSince: number | null = null

  const active = (): number => activeMs + (activeSince === null ? 0 : Date.now() - activeSince)
  const runClock = (running: boolean): void => {
    activeMs = active()
    activeSince = running ? Date.now() : null
  }
  const progress = (): BackfillProgress => {
    const seconds = active() / 1_000
    const rate = seconds > 0 && done + failed > 0 ? (done + failed) / seconds : null
    const etaSeconds = rate === null || rate === 0 ? null : Math.ceil((total - done - failed) / rate)
    return { phase, scan, paused, total, done, failed, rate, etaSeconds }
  }
  const publish = (): void => setCurrentDetails(repairDetails(progress()))

  return {
    progress,
    counts: () => ({ done, failed, failures, activeMs: active(), paused }),
    activeMs: active,
    isPaused: () => paused,
    setPaused(next) {
      paused = next
      if (phase === 'repairing') {
        runClock(!paused)
        publish()
      }
    },
    scanning(next) {
      scan = next
      setCurrentDetails(scanDetails(next))
    },
    repairing(people) {
      phase = 'repairing'
      scan = null
      total = people
      runClock(!paused)
      publish()
    },
    verifying() {
      runClock(false)
      phase = 'verifying'
      publish()
    },
    ended: () => void (phase = 'done'),
    addReport({ identity, outcome, problem, sentence, fix }) {
      if (outcome === 'done') done += 1
      else {
        failed += 1
        const failure = { identity, problem: problem ?? 'unexpected', sentence, fix }
        if (failures.length < MAX_FAILURES) failures = [...failures, failure]
      }
    },
    repairedInDatabase: (people) => void (done += people),
    publish,
  }
}
