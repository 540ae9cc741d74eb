import { ApplicationFailure, sleep } from '@temporalio/workflow'
import type { AlertFinding, AlertMessage, AlertName } from '../contracts/alerts.ts'
import type { ProblemName } from '../contracts/problems.ts'
import type { System } from '../contracts/systems.ts'
import type {
  BlockedByProblem,
  InspectionPlan,
  DependencyStatus,
  WatchInput,
  WatchResult,
} from '../contracts/watch.ts'
import {
  alertsOf,
  watchFailingAlert,
  alertsOfInspections,
  canariesOf,
  canInspect,
  isHealthy,
  retryableProblems,
  closableAlerts,
  type Canary,
} from '../domain/watch.ts'
import { ownSystem } from './lib/own-system.ts'
import { createWatchParts, runInspection, healthActivities, type WatchParts } from './lib/watch-parts.ts'

/** Number of checks after which workflows that were retried count as blocked again. */
const RETRY_CHECKS = 6
const CHECK_INTERVAL = '5s'
/** The time that the one signup retried ahead of the others has to get past its problem. */
const CANARY_WAIT = '10s'

/** The facts that one run has found so far. */
interface Known {
  readonly dependencies: readonly DependencyStatus[] | null
  readonly blocked: readonly BlockedByProblem[] | null
  readonly others: readonly AlertFinding[]
  /** Alerts about which this run has no result (yet). */
  readonly notInspected: readonly AlertName[]
}

/**
 * Checks whether signups can proceed. First it reconciles the alerts that it can judge at once: which dependency does
 * not answer, and which signups are blocked. Then it retries the signups whose dependency has recovered, makes its
 * inspections, and reconciles again. A part that fails raises the alert `watch-failing`, and stops no other part; the
 * run itself fails where alerts could not be reconciled. A schedule starts it every five minutes.
 */
export async function watch({ system: requested, blockedMinutes }: WatchInput = {}): Promise<WatchResult> {
  const system = ownSystem(requested)
  const parts = createWatchParts(system)
  const sent: AlertMessage[] = []
  const reconcile = async ({ dependencies, blocked, others, notInspected }: Known): Promise<boolean> => {
    const now = new Date()
    const findings = alertsOf({
      dependencies: dependencies ?? [],
      blocked: blocked ?? [],
      others,
      blockedMinutes,
      now,
    })
    const failing = parts.failures().map((failure) => watchFailingAlert(failure, now))
    const scope = closableAlerts({ dependencies, blocked, notInspected })
    const done = await parts.run('alerts', () =>
      healthActivities.reconcileAlerts({ system, scope, findings: [...findings, ...failing] }),
    )
    sent.push(...(done?.alerts ?? []))
    return done !== null
  }
  const deliver = async (): Promise<number | null> =>
    (await parts.run('delivery', () => healthActivities.deliverAlerts()))?.undelivered ?? null

  const dependencies = await parts.run('dependencies', () => healthActivities.checkDependencies())
  for (const { dependency, tenant, failed } of dependencies ?? [])
    if (failed !== undefined)
      parts.recordFailure(['check', dependency, ...(tenant === null ? [] : [tenant])].join(' '), failed)
  const before = await parts.run('blocked signups', () => healthActivities.countBlocked())
  const plans = await parts.run('inspections', () => healthActivities.listInspections())
  const inspected = alertsOfInspections(plans)
  await reconcile({
    dependencies,
    blocked: before,
    others: [],
    notInspected: [...inspected, 'watch-failing'],
  })
  await deliver()

  const { retried, blocked } = await retryRecovered(parts, system, dependencies ?? [], before)
  const { findings: others, notInspected } = await inspectAll(parts, plans, dependencies ?? [])

  const reconciled = await reconcile({ dependencies, blocked, others, notInspected })
  const undelivered = await deliver()
  if (!reconciled) {
    const { cause } = parts.failures().find(({ part }) => part === 'alerts') ?? { cause: 'unknown' }
    throw ApplicationFailure.nonRetryable(`alerts could not be reconciled: ${cause}`, 'watch-failing')
  }
  return {
    dependencies: dependencies ?? [],
    blocked: blocked ?? [],
    retried,
    failures: parts.failures(),
    alerts: sent,
    undelivered: undelivered ?? 0,
  }
}

/**
 * Retries the signups whose dependency has recovered, and counts the blocked ones again once the retried had time to
 * proceed.
 */
async function retryRecovered(
  parts: WatchParts,
  system: System,
  dependencies: readonly DependencyStatus[],
  before: readonly BlockedByProblem[] | null,
): Promise<{ retried: ProblemName[]; blocked: readonly BlockedByProblem[] | null }> {
  if (before === null) return { retried: [], blocked: null }
  const retried = await parts.run('retry of blocked signups', async () => {
    const problems = retryableProblems(dependencies, before)
    for (const canary of canariesOf(system))
      if (await isOver(canary, dependencies, before)) problems.push(canary.problem)
    if (problems.length > 0) await healthActivities.retryBlocked({ problems })
    return problems
  })
  if (retried === null || retried.length === 0) return { retried: [], blocked: before }
  for (let look = 1; ; look += 1) {
    await sleep(CHECK_INTERVAL)
    const blocked = await parts.run('blocked signups', () => healthActivities.countBlocked())
    if (blocked === null) return { retried, blocked }
    const noneLeftBlocked = blocked.every(({ problem }) => !retried.includes(problem))
    if (noneLeftBlocked || look === RETRY_CHECKS) return { retried, blocked }
  }
}

/**
 * Retries one of the signups with the canary's problem, and returns whether the others may be retried too: not where no
 * signup has it, or where the one is still blocked.
 */
async function isOver(
  { problem, dependency }: Canary,
  dependencies: readonly DependencyStatus[],
  blocked: readonly BlockedByProblem[],
): Promise<boolean> {
  if (!isHealthy(dependencies, dependency) || !blocked.some((one) => one.problem === problem)) return false
  const { workflowId } = await healthActivities.retryOneBlocked({ problem })
  if (workflowId === null) return false
  await sleep(CANARY_WAIT)
  return !(await healthActivities.isBlocked({ workflowId, problem })).blocked
}

/** Runs all inspections concurrently, except those whose dependency does not answer: that is an alert of its own. */
async function inspectAll(
  parts: WatchParts,
  plans: readonly InspectionPlan[] | null,
  dependencies: readonly DependencyStatus[],
) {
  const findings: AlertFinding[] = []
  const notInspected: AlertName[] = plans === null ? [...alertsOfInspections(null)] : []
  await Promise.all(
    (plans ?? []).map(async (plan) => {
      const { name: inspection, alerts } = plan
      const found = canInspect(plan, dependencies)
        ? await parts.run(`inspection ${inspection}`, () => runInspection({ inspection }))
        : null
      if (found === null) notInspected.push(...alerts)
      else findings.push(...found)
    }),
  )
  return { findings, notInspected }
}
