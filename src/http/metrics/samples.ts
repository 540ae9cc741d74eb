import { END_STAGES } from '../../contracts/stages.ts'
import type { System } from '../../contracts/systems.ts'
import { alertNames } from '../../contracts/alerts.ts'
import { gapNames } from '../../contracts/gaps.ts'
import { problemNames } from '../../contracts/problems.ts'
import { LONGEST, TIME_BUCKETS } from '../../domain/time-buckets.ts'
import { silentWorkers, SILENT_AFTER_MS } from '../../domain/workers.ts'
import { sumTotals } from '../../domain/totals.ts'
import type { BackfillProgress } from '../../contracts/backfill.ts'
import type { AlertRecord } from '../../contracts/alerts.ts'
import type { SystemHealth } from '../../contracts/health.ts'
import type { BlockedByProblem } from '../../contracts/watch.ts'
import type { WorkerReport } from '../../contracts/workers.ts'
import type { Total } from '../../state/ports/totals.ts'
import type { Sample, StoredMetricName } from './definitions.ts'

/** The label of a value that this version has no word for, so that no text of a store becomes a label. */
const OTHER = 'other'

/** A value for each known name, 0 where there is none; the others are summed as `other`. */
function byName(
  name: StoredMetricName,
  label: string,
  known: readonly string[],
  counts: Readonly<Record<string, number>>,
): Sample[] {
  const others = Object.entries(counts).filter(([key]) => !known.includes(key))
  const rest = others.reduce((sum, [, value]) => sum + value, 0)
  return [
    ...known.map((key) => ({ name, labels: { [label]: key }, value: counts[key] ?? 0 })),
    ...(others.length === 0 ? [] : [{ name, labels: { [label]: OTHER }, value: rest }]),
  ]
}

export function totalSamples(system: System, totals: readonly Total[]): Sample[] {
  const { begun, ended, blocked, times, gaps } = sumTotals(totals)
  let within = 0
  const buckets = [...TIME_BUCKETS.map(String), LONGEST].map((le): Sample => {
    within += times[le] ?? 0
    return { name: 'holdfast_signup_duration_seconds', labels: { le }, value: within }
  })
  return [
    { name: 'holdfast_signups_begun_total', labels: {}, value: begun },
    ...byName('holdfast_signups_ended_total', 'outcome', END_STAGES, ended),
    ...byName('holdfast_signups_failing_total', 'problem', problemNames(system), blocked),
    ...buckets,
    { name: 'holdfast_signup_duration_seconds', labels: {}, value: within },
    ...byName('holdfast_gaps', 'kind', gapNames(system), gaps),
  ]
}

export function alertSamples(system: System, alerts: readonly AlertRecord[]): Sample[] {
  const open = alerts.filter((alert) => alert.open)
  const counts: Record<string, number> = {}
  for (const { name } of open) counts[name] = (counts[name] ?? 0) + 1
  return [
    ...byName('holdfast_alerts_open', 'alert', [...new Set(alertNames(system))], counts),
    {
      name: 'holdfast_alert_messages_undelivered',
      labels: {},
      value: alerts.reduce((sum, { undelivered }) => sum + undelivered, 0),
    },
  ]
}

export function workerSamples(reports: readonly WorkerReport[]): Sample[] {
  const reporting = reports.filter(({ stopped, ageMs }) => !stopped && ageMs <= SILENT_AFTER_MS).length
  const silent = silentWorkers(reports, []).length
  return byName('holdfast_workers', 'state', ['reporting', 'silent'], { reporting, silent })
}

export function blockedSamples(system: System, blocked: readonly BlockedByProblem[], now: Date): Sample[] {
  const counted = blocked.filter(({ count }) => count > 0)
  const age = (since: string): number => Math.max(0, (now.getTime() - Date.parse(since)) / 1_000)
  const known = problemNames(system)
  return [
    ...byName(
      'holdfast_blocked',
      'problem',
      known,
      valuesOf(counted, ({ count }) => count),
    ),
    ...byName(
      'holdfast_blocked_seconds',
      'problem',
      known,
      valuesOf(counted, ({ since }) => age(since)),
    ),
  ]
}

function valuesOf(
  blocked: readonly BlockedByProblem[],
  value: (one: BlockedByProblem) => number,
): Record<string, number> {
  return Object.fromEntries(blocked.map((one) => [one.problem, value(one)]))
}

export function backfillSamples(running: readonly (BackfillProgress | null)[]): Sample[] {
  const known = running.filter((progress) => progress !== null)
  const sum = (of: (progress: BackfillProgress) => number) => known.reduce((total, one) => total + of(one), 0)
  return [
    { name: 'holdfast_backfills_running', labels: {}, value: running.length },
    ...byName('holdfast_backfill_people', 'state', ['planned', 'done', 'failed'], {
      planned: sum(({ total }) => total),
      done: sum(({ done }) => done),
      failed: sum(({ failed }) => failed),
    }),
  ]
}

export function healthSamples(health: SystemHealth): Sample[] {
  return [
    { name: 'holdfast_health_percentage', labels: {}, value: health.healthPercentage },
    { name: 'holdfast_health_recent_signups', labels: {}, value: health.recentSignupsCount },
    { name: 'holdfast_health_missing_profiles', labels: {}, value: health.signupsMissingProfiles },
  ]
}
