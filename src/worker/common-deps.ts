import type { Alerts } from '../adapters/notify/alerts.ts'
import { createDeletions, type Deletions } from '../client/deletions.ts'
import { createPersonWorkflows, type PersonWorkflows } from '../client/person-workflows.ts'
import { createRunningSignups, type RunningSignups } from '../client/running-signups.ts'
import { createSignupReader, type SignupReader } from '../client/signup-reader.ts'
import { createSignups, type Signups } from '../client/signups.ts'
import type { IdentityHash } from '../contracts/ids.ts'
import type { System } from '../contracts/systems.ts'
import type { AuditMarks } from '../state/ports/audit-marks.ts'
import { createSignupCounts, type SignupCounts } from '../activities/lib/signup-counts.ts'
import { createEventCounter, type EventCounter } from '../state/lib/event-counter.ts'
import { withBreaker } from './breakers.ts'
import type { WorkerConnections } from './connections.ts'
import { withWriteGuard, type CallEffects } from './write-guards.ts'
import type { AuditFindings } from '../state/ports/audit-findings.ts'
import type { Cursors } from '../state/ports/cursors.ts'
import type { Ignored } from '../state/ports/ignored.ts'
import type { OldDeletions } from '../state/ports/old-deletions.ts'
import type { Plans } from '../state/ports/plans.ts'
import type { SafetyLimits } from '../state/ports/safety-limits.ts'
import type { StepHistory } from '../state/ports/step-history.ts'
import type { Switches } from '../state/ports/switches.ts'
import type { Tombstones } from '../state/ports/tombstones.ts'

/** The dependencies that activities of every system have: Holdfast's state, and Temporal from outside. */
export interface CommonDeps {
  readonly alerts: Alerts
  readonly signups: Signups
  readonly running: RunningSignups
  readonly signupStatus: SignupReader['status']
  readonly deletions: Deletions
  readonly personWorkflows: PersonWorkflows
  readonly stepHistory: StepHistory
  readonly signupCounts: SignupCounts
  readonly counter: EventCounter
  readonly switches: Switches
  readonly ignored: Ignored
  readonly tombstones: Tombstones
  readonly oldDeletions: OldDeletions
  readonly safetyLimits: SafetyLimits
  readonly marks: AuditMarks
  readonly findings: AuditFindings
  readonly plans: Plans
  readonly cursors: Cursors
  readonly graceMs: number
  readonly waitDays: number
  readonly addressHash: IdentityHash
}

/** `countPeople`: the number of people of the system, by which its limits grow. */
export function connectCommonDeps(
  system: System,
  { config, temporal, opened: { state }, hash, alerts, logger }: WorkerConnections,
  countPeople: () => Promise<number>,
): CommonDeps {
  const { cursors } = state
  const counter = createEventCounter(state.totals, ({ error, waiting, lost }) =>
    logger.warn(
      { err: error, waiting, lost },
      'the counts of signups cannot be written: kept in memory, and written with a later one',
    ),
  )
  // In observe mode the time since which a tenant is served is not recorded either: everything counts as older.
  const servedSince = (): Promise<Date> => Promise.resolve(new Date())
  const { perHour, ackSeconds } = config.deletions
  const limits = { deletions: perHour, repairs: null }
  return {
    alerts,
    signups: createSignups(temporal, system, hash),
    running: createRunningSignups(temporal, system),
    signupStatus: createSignupReader(temporal, system).status,
    deletions: createDeletions(temporal, system, hash),
    personWorkflows: createPersonWorkflows(temporal, system, hash, {
      ackMs: ackSeconds === null ? undefined : ackSeconds * 1_000,
    }),
    stepHistory: state.stepHistory(config.build),
    signupCounts: createSignupCounts(counter, hash),
    counter,
    switches: state.switches,
    ignored: state.ignored,
    tombstones: state.tombstones(hash),
    oldDeletions: state.oldDeletions,
    safetyLimits: state.safetyLimits(limits, countPeople),
    marks: state.marks,
    findings: state.findings,
    plans: state.plans,
    cursors: config.mode === 'observe' ? { ...cursors, servedSince } : cursors,
    graceMs: config.signup.graceMinutes * 60_000,
    waitDays: config.signup.waitDays,
    addressHash: hash,
  }
}

/** Deletions have a pause of their own (`pause --deletions`), which their activities check. */
const TOMBSTONES: CallEffects<Tombstones> = {
  find: 'reads',
  findAll: 'reads',
  countSince: 'reads',
  countAccountsLeft: 'reads',
  set: 'writes',
  finish: 'writes',
  lift: 'writes',
}

/**
 * The same dependencies, with which activities fail fast while the database does not answer. Only tombstones are guarded:
 * the other parts are Holdfast's own (Temporal, the findings of audits, notes and alerts), and work started there waits
 * for the mode to change.
 */
export function withCommonGuards<D extends CommonDeps>(
  deps: D,
  { breaker, guard }: Pick<WorkerConnections, 'breaker' | 'guard'>,
): D {
  return {
    ...deps,
    tombstones: withWriteGuard(guard, withBreaker(breaker, deps.tombstones), TOMBSTONES),
    cursors: withBreaker(breaker, deps.cursors),
    switches: withBreaker(breaker, deps.switches),
    safetyLimits: withBreaker(breaker, deps.safetyLimits),
    oldDeletions: withBreaker(breaker, deps.oldDeletions),
    // A failure is recorded after the call that failed, and must not hide it; the journal keeps it for later.
    stepHistory: {
      ...withBreaker(breaker, deps.stepHistory),
      recordFailure: deps.stepHistory.recordFailure,
    },
  }
}
