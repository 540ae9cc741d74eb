import {
  alertNames,
  ownAlertNames,
  type AlertFinding,
  type AlertName,
  type OwnAlertName,
} from '../contracts/alerts.ts'
import { isProblemName, type ProblemName } from '../contracts/problems.ts'
import { anyWord, problemsOfDependency, workflowsOf } from '../contracts/vocabulary.ts'
import type {
  Dependency,
  BlockedByProblem,
  InspectionPlan,
  DependencyStatus,
  WatchFailure,
} from '../contracts/watch.ts'
import type { System } from '../contracts/systems.ts'
import type { AlertWord } from '../contracts/words.ts'
import { isAlertedAtOnce } from './problems.ts'
import { isRateLimit } from './retries/rate-limit.ts'

/** Problems that end as soon as their dependency answers again; the first means that it does not answer. */
export function problemsOf(dependency: Dependency): readonly [ProblemName, ...ProblemName[]] {
  return problemsOfDependency(dependency) as readonly [ProblemName, ...ProblemName[]]
}

const MINUTE_MS = 60_000
/** The limit for a worker of an earlier version, which gives none. */
const BLOCKED_MINUTES = 5

export function isHealthy(probes: readonly DependencyStatus[], dependency: Dependency): boolean {
  const asked = probes.filter((probe) => probe.dependency === dependency)
  return asked.length > 0 && asked.every(({ problem, failed }) => problem === null && failed === undefined)
}

/** Problems that block signups although their dependency is healthy: those signups can be retried. */
export function retryableProblems(
  probes: readonly DependencyStatus[],
  blocked: readonly BlockedByProblem[],
): ProblemName[] {
  const recovered = new Set(
    probes
      .map(({ dependency }) => dependency)
      .filter((dependency) => isHealthy(probes, dependency))
      .flatMap(problemsOf),
  )
  return blocked.map(({ problem }) => problem).filter((problem) => recovered.has(problem))
}

/** A problem of which only another try shows whether it is over, while its dependency is healthy. */
export interface Canary {
  readonly problem: ProblemName
  readonly dependency: Dependency
}

export function canariesOf(system: System): readonly Canary[] {
  return workflowsOf(system).canaries as readonly Canary[]
}

/** Whether all dependencies of an inspection have just answered; if not, the alert of that dependency is enough. */
export function canInspect({ needs }: InspectionPlan, probes: readonly DependencyStatus[]): boolean {
  return needs.every((dependency) => isHealthy(probes, dependency))
}

/** The alerts of these inspections; of every inspection where they could not be listed (null), so that none is closed. */
export function alertsOfInspections(plans: readonly InspectionPlan[] | null): readonly AlertName[] {
  return plans === null ? inspectionAlerts() : plans.flatMap(({ alerts }) => alerts)
}

export interface WatchFindings {
  readonly dependencies: readonly DependencyStatus[]
  readonly blocked: readonly BlockedByProblem[]
  /** All other findings, each an alert. */
  readonly others: readonly AlertFinding[]
  /** As the input of `watch` says; else each problem's own limit applies. */
  readonly blockedMinutes?: number | undefined
  readonly now: Date
}

/**
 * The alerts to raise. An unavailable dependency and the signups that it blocks are one alert; a problem of signups
 * becomes one once the first of them has failed for longer than a transient fault lasts.
 */
export function alertsOf({
  dependencies,
  blocked,
  others,
  blockedMinutes,
  now,
}: WatchFindings): AlertFinding[] {
  const isLasting = ({ since, alertAfterMinutes = BLOCKED_MINUTES }: BlockedByProblem): boolean =>
    Date.parse(since) <= now.getTime() - (blockedMinutes ?? alertAfterMinutes) * MINUTE_MS
  const away = dependencies.filter(({ problem }) => problem !== null && !isRateLimit(problem))
  const fromProbes = away.flatMap(({ problem, tenant, detail }): AlertFinding[] => {
    if (problem === null) return []
    const held = tenant === null ? blocked.find((one) => one.problem === problem) : undefined
    return [
      {
        name: problem,
        ...(tenant === null ? {} : { about: tenant }),
        count: held?.count ?? 0,
        since: held !== undefined && held.count > 0 ? held.since : now.toISOString(),
        detail,
        ...(held?.people === undefined ? {} : { people: held.people }),
      },
    ]
  })
  const said = new Set(away.map(({ problem }) => problem))
  const fromSignups = blocked
    .filter(({ problem, count }) => count > 0 && !said.has(problem))
    .filter((one) => isAlertedAtOnce(one.problem) || isLasting(one))
    .map(({ problem, count, since, detail, people }): AlertFinding => ({
      name: problem,
      count,
      since,
      ...(detail === undefined ? {} : { detail }),
      ...(people === undefined ? {} : { people }),
    }))
  return [...fromProbes, ...fromSignups, ...others]
}

/** A part of `watch` that failed, as an alert: one for each part. */
export function watchFailingAlert({ part, cause }: WatchFailure, now: Date): AlertFinding {
  return { name: 'watch-failing', about: part, count: 0, since: now.toISOString(), detail: { cause } }
}

/** Alerts that others open and close: the server, which needs no worker, and the audit. */
function alertsOfOthers(): readonly AlertName[] {
  return ownAlertNames().filter((name) => raisedBy(name) === 'other')
}

/** Alerts that inspections open and close. */
function inspectionAlerts(): readonly AlertName[] {
  return ['no-worker', ...ownAlertNames().filter((name) => raisedBy(name) === 'inspection')]
}

function raisedBy(name: OwnAlertName): AlertWord['raisedBy'] | undefined {
  return anyWord('alerts', name)?.raisedBy
}

export interface WatchCoverage {
  /** Null where probing failed. */
  readonly dependencies: readonly DependencyStatus[] | null
  /** Null where the blocked signups could not be read. */
  readonly blocked: readonly BlockedByProblem[] | null
  /** Alerts that were not inspected, and so are neither opened nor closed. */
  readonly notInspected: readonly AlertName[]
}

/** The alerts that a run with this coverage can close: not those of dependencies it could not query. */
export function closableAlerts({ dependencies, blocked, notInspected }: WatchCoverage): AlertName[] {
  if (dependencies === null || blocked === null)
    return alertNames().filter(
      (name) => !isProblemName(name) && ![...alertsOfOthers(), ...notInspected].includes(name),
    )
  const unknown = dependencies
    .filter(({ problem, failed }) => failed !== undefined || (problem !== null && isRateLimit(problem)))
    .flatMap(({ dependency }): readonly AlertName[] => problemsOf(dependency))
  const others = [...alertsOfOthers(), ...unknown, ...notInspected]
  return alertNames().filter((name) => !others.includes(name))
}
