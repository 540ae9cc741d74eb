import { unservedQueues } from '../client/pollers.ts'
import { createSchedules, plannedSchedules, type ScheduleState } from '../client/schedules.ts'
import { inTime } from '../client/temporal.ts'
import type { CheckFinding } from '../contracts/checks.ts'
import { SEARCH_ATTRIBUTES } from '../contracts/search-attributes.ts'
import { checkFinding } from '../domain/check-findings.ts'
import type { Check, CheckResult } from './check.ts'
import type { CheckContext } from './context.ts'
import { orTemporalRefused } from './temporal-refused.ts'

/** Signups that ended can be looked at for at least this long, in hours. */
const LEAST_RETENTION_HOURS = 24
/** A schedule may be late by this much before it is called so: Temporal's own delays, a busy server. */
const LATE_MS = 2 * 60_000

export function temporalChecks(context: CheckContext): Check[] {
  const check = (name: string, look: () => Promise<CheckResult>): Check => ({
    name,
    run: () => orTemporalRefused(context, look),
  })
  return [
    check('temporal', () => namespace(context)),
    check('temporal-search-attributes', () => searchAttributes(context)),
    check('temporal-workers', () => workers(context)),
    check('temporal-schedules', () => schedules(context)),
  ]
}

async function namespace(context: CheckContext): Promise<CheckResult> {
  const { namespace: name } = context.section('temporal')
  const { retentionSeconds } = await context.temporal().namespace()
  const hours = Math.floor(retentionSeconds / 3_600)
  const short = hours < LEAST_RETENTION_HOURS
  return {
    findings: short ? [checkFinding('retention-too-short', { namespace: name, hours: String(hours) })] : [],
    facts: [`namespace ${name}`, `keeps what has ended for ${hours} hours`],
  }
}

async function searchAttributes(context: CheckContext): Promise<CheckResult> {
  const { namespace: name } = context.section('temporal')
  const known = await context.temporal().searchAttributes()
  if (known === null) return { facts: ['this server shows its search attributes to its operators alone'] }
  const findings = Object.entries(SEARCH_ATTRIBUTES).flatMap(([attribute, type]) => {
    const found = known.get(attribute)
    if (found === type) return []
    const detail = { attribute, type, namespace: name }
    return found === undefined
      ? [checkFinding('search-attribute-missing', detail)]
      : [checkFinding('search-attribute-wrong-type', { ...detail, found })]
  })
  return { findings, facts: [`${Object.keys(SEARCH_ATTRIBUTES).length - findings.length} registered`] }
}

async function workers(context: CheckContext): Promise<CheckResult> {
  const { client } = context.temporal()
  const unserved = await inTime(client, () => unservedQueues(client))
  return {
    findings: unserved.map((queue) => checkFinding('no-worker', { queue })),
    facts: unserved.length === 0 ? ['every queue is polled'] : [],
  }
}

async function schedules(context: CheckContext): Promise<CheckResult> {
  const planned = plannedSchedules(
    'atproto',
    context.tenantNames().map((name) => ({ name })),
  )
  const states = await createSchedules(context.temporal().client).states(planned)
  return {
    findings: scheduleFindings(states, new Date()),
    facts: states.flatMap(({ id, exists, last, missed }) =>
      exists
        ? [
            `${id} ${last === null ? 'has not run yet' : `ran last ${last}`}${missed > 0 ? `, missed ${missed} runs` : ''}`,
          ]
        : [],
    ),
  }
}

/** What is the matter with the schedules there have to be: not there, paused, or not begun when it was due. */
export function scheduleFindings(states: readonly ScheduleState[], now: Date): CheckFinding[] {
  return states.flatMap(({ id: schedule, exists, paused, next }) => {
    if (!exists) return [checkFinding('schedule-missing', { schedule, system: 'atproto' })]
    if (paused) return [checkFinding('schedule-paused', { schedule })]
    const late = next !== null && Date.parse(next) < now.getTime() - LATE_MS
    return late ? [checkFinding('schedule-late', { schedule, due: next })] : []
  })
}
