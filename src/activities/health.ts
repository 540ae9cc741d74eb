import { setTimeout as sleep } from 'node:timers/promises'
import { ApplicationFailure } from '@temporalio/common'
import type { Alerts, AlertReport } from '../adapters/notify/alerts.ts'
import type { AlertFinding, AlertMessage } from '../contracts/alerts.ts'
import type { ProblemName } from '../contracts/problems.ts'
import type { BlockedByProblem, InspectionPlan, DependencyStatus } from '../contracts/watch.ts'
import { problemText } from '../domain/problems.ts'
import { problemsOf } from '../domain/watch.ts'
import { withFailureMapping, namedError } from './lib/failures.ts'

/** One dependency that can be checked. */
export interface DependencyCheck extends Pick<DependencyStatus, 'dependency' | 'tenant'> {
  /** Rejects with a named problem where the dependency does not work. */
  check(): Promise<void>
}

/** Another condition that `watch` inspects, each by itself: it may fail or hang without harm to the others. */
export interface Inspection extends InspectionPlan {
  inspect(): Promise<AlertFinding[]>
}

/** Dependencies of `watch`, bound to real servers by the worker. */
export interface HealthDeps {
  readonly dependencies: readonly DependencyCheck[]
  readonly countBlocked: () => Promise<BlockedByProblem[]>
  readonly inspections: readonly Inspection[]
  /** Retries every workflow that one of these problems blocks; returns how many. */
  readonly retryBlocked: (problems: readonly ProblemName[]) => Promise<number>
  /** Retries one of them, and returns its workflow id; null where there is none. */
  readonly retryOneBlocked: (problem: ProblemName) => Promise<string | null>
  readonly isBlocked: (workflowId: string, problem: ProblemName) => Promise<boolean>
  readonly alerts: Alerts
}

/** The parts of a `watch` run. Each is safe to repeat. */
export interface HealthActivities {
  /**
   * Checks all dependencies of signups concurrently, for at most twelve seconds each. One that fails quickly is checked
   * a second time. Never fails because of a dependency's answer.
   */
  checkDependencies(): Promise<DependencyStatus[]>
  countBlocked(): Promise<BlockedByProblem[]>
  listInspections(): Promise<readonly InspectionPlan[]>
  runInspection(which: { inspection: string }): Promise<readonly AlertFinding[]>
  retryBlocked(wish: { problems: readonly ProblemName[] }): Promise<{ matched: number }>
  retryOneBlocked(wish: { problem: ProblemName }): Promise<{ workflowId: string | null }>
  isBlocked(signup: { workflowId: string; problem: ProblemName }): Promise<{ blocked: boolean }>
  /** Opens, repeats and closes alerts. Without the database they are sent all the same. */
  reconcileAlerts(report: AlertReport): Promise<{ alerts: readonly AlertMessage[] }>
  /** Sends messages that the channel has not accepted yet. */
  deliverAlerts(): Promise<{ undelivered: number }>
}

/** A check that takes longer counts as no answer. */
const CHECK_TIMEOUT_MS = 12_000
/** A check that took longer to fail is not repeated, so that one run of `watch` stays within a minute. */
const QUICK_MS = 5_000

export function createHealthActivities(deps: HealthDeps): HealthActivities {
  return {
    checkDependencies: withFailureMapping(() =>
      Promise.all(
        deps.dependencies.map(async (dependency): Promise<DependencyStatus> => {
          const began = performance.now()
          const first = await checkDependency(dependency)
          return isHealthy(first) || performance.now() - began > QUICK_MS
            ? first
            : checkDependency(dependency)
        }),
      ),
    ),

    countBlocked: withFailureMapping(() => deps.countBlocked()),

    listInspections: withFailureMapping(() =>
      Promise.resolve(
        deps.inspections.map(({ name, alerts: found, needs }) => ({ name, alerts: found, needs })),
      ),
    ),

    runInspection: withFailureMapping(async ({ inspection }) => {
      const found = deps.inspections.find(({ name }) => name === inspection)
      if (found === undefined)
        throw ApplicationFailure.nonRetryable(
          `this worker has no inspection ${inspection}`,
          'unknown-inspection',
        )
      return found.inspect()
    }),

    retryBlocked: withFailureMapping(async ({ problems }) => ({
      matched: await deps.retryBlocked(problems),
    })),
    retryOneBlocked: withFailureMapping(async ({ problem }) => ({
      workflowId: await deps.retryOneBlocked(problem),
    })),

    isBlocked: withFailureMapping(async ({ workflowId, problem }) => ({
      blocked: await deps.isBlocked(workflowId, problem),
    })),

    reconcileAlerts: withFailureMapping(async (report) => ({ alerts: await deps.alerts.reconcile(report) })),
    deliverAlerts: withFailureMapping(async () => ({ undelivered: await deps.alerts.deliver() })),
  }
}

function isHealthy({ problem, failed }: DependencyStatus): boolean {
  return problem === null && failed === undefined
}

/** Checks one dependency once. An error without a name is a failure of the check, not of the dependency. */
async function checkDependency({ dependency, tenant, check }: DependencyCheck): Promise<DependencyStatus> {
  const giveUp = new AbortController()
  const late = sleep(CHECK_TIMEOUT_MS, 'late' as const, { signal: giveUp.signal })
  try {
    const answer = await Promise.race([check(), late])
    if (answer !== 'late') return { dependency, tenant, problem: null, detail: {} }
    const [problem] = problemsOf(dependency)
    return { dependency, tenant, problem, detail: { answer: `nothing within ${CHECK_TIMEOUT_MS / 1_000} s` } }
  } catch (error) {
    const outside = namedError(error)
    if (outside !== null) return { dependency, tenant, problem: outside.problem, detail: outside.detail }
    const answer = error instanceof Error ? error.name : 'no error'
    const { sentence } = problemText('unexpected', { system: '-', identity: '-', detail: { answer } })
    return { dependency, tenant, problem: null, detail: {}, failed: sentence }
  } finally {
    late.catch(() => {}) // ended below, once it is not awaited
    giveUp.abort()
  }
}
