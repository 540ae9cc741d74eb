import type { AlertFinding, AlertName } from '../contracts/alerts.ts'
import { ALERTS } from '../contracts/alerts.ts'
import type { ProblemName } from '../contracts/problems.ts'
import type { Dependency, HeldUp, Probe } from '../contracts/watch.ts'

/** Problems that are over as soon as what they name answers again. */
const WAITS_FOR: Record<Dependency, readonly ProblemName[]> = {
  mongo: ['mongo-unreachable', 'mongo-denied'],
  pds: ['pds-unreachable', 'pds-admin-refused'],
  auth0: ['auth0-unreachable', 'auth0-denied'],
}

const MINUTE_MS = 60_000

/** A rate limit is a turn to wait for: nothing is known of the dependency then, and nothing is said. */
const TURNS: readonly ProblemName[] = ['auth0-rate-limited', 'pds-rate-limited']

export function isWell(probes: readonly Probe[], dependency: Dependency): boolean {
  const asked = probes.filter((probe) => probe.dependency === dependency)
  return asked.length > 0 && asked.every(({ problem }) => problem === null)
}

/** Problems that hold signups up although what they wait for is well: those signups may be told to try again. */
export function releasable(probes: readonly Probe[], heldUp: readonly HeldUp[]): ProblemName[] {
  const well = new Set(
    (Object.keys(WAITS_FOR) as Dependency[])
      .filter((dependency) => isWell(probes, dependency))
      .flatMap((dependency) => WAITS_FOR[dependency]),
  )
  return heldUp.map(({ problem }) => problem).filter((problem) => well.has(problem))
}

export interface Seen {
  readonly probes: readonly Probe[]
  readonly heldUp: readonly HeldUp[]
  /** Everything else that was found, each an alert. */
  readonly others: readonly AlertFinding[]
  readonly stuckMinutes: number
  readonly now: Date
}

/**
 * What somebody has to know. A dependency that is away and the signups that wait for it are one alert; a problem of
 * signups is one once the first of them has failed for longer than a passing trouble lasts.
 */
export function alertsOf({ probes, heldUp, others, stuckMinutes, now }: Seen): AlertFinding[] {
  const passing = now.getTime() - stuckMinutes * MINUTE_MS
  const away = probes.filter(({ problem }) => problem !== null && !TURNS.includes(problem))
  const fromProbes = away.flatMap(({ problem, tenant, detail }): AlertFinding[] => {
    if (problem === null) return []
    const held = tenant === null ? heldUp.find((one) => one.problem === problem) : undefined
    return [
      {
        name: problem,
        ...(tenant === null ? {} : { about: tenant }),
        count: held?.count ?? 0,
        since: held !== undefined && held.count > 0 ? held.since : now.toISOString(),
        detail,
      },
    ]
  })
  const said = new Set(away.map(({ problem }) => problem))
  const fromSignups = heldUp
    .filter(({ problem, count, since }) => count > 0 && !said.has(problem) && Date.parse(since) <= passing)
    .map(({ problem, count, since }): AlertFinding => ({ name: problem, count, since }))
  return [...fromProbes, ...fromSignups, ...others]
}

/** Alerts that others open and close: the server, which needs no worker, and the audit. */
const NOT_OURS: readonly AlertName[] = ['temporal-unreachable', 'gaps-found']

/** The alerts that such a look can also close: not those of what it could not ask. */
export function scopeOf(probes: readonly Probe[], notLookedFor: readonly AlertName[]): AlertName[] {
  const unknown = probes
    .filter(({ problem }) => problem !== null && TURNS.includes(problem))
    .flatMap(({ dependency }): readonly AlertName[] => WAITS_FOR[dependency])
  const others = [...NOT_OURS, ...unknown, ...notLookedFor]
  return ALERTS.filter((name) => !others.includes(name))
}
