import { plannedSchedules } from '../client/planned-schedules.ts'
import { createSchedules, type ScheduleState } from '../client/schedules.ts'
import type { CheckFinding } from '../contracts/checks.ts'
import { SEARCH_ATTRIBUTES } from '../contracts/search-attributes.ts'
import type { System } from '../contracts/systems.ts'
import { checkFinding } from '../domain/check-findings.ts'
import type { Check, CheckResult } from './check.ts'
import type { CheckContext } from './context.ts'
import { withTemporalFindings } from './temporal-findings.ts'
import { checkWorkers } from './workers.ts'

/** The shortest acceptable retention of completed signups, in hours. */
const LEAST_RETENTION_HOURS = 24
/** A schedule counts as late only after this delay, which Temporal or a busy server may cause. */
const LATE_MS = 2 * 60_000

export function temporalChecks(context: CheckContext): Check[] {
  const check = (name: string, look: () => Promise<CheckResult>): Check => ({
    name,
    run: () => withTemporalFindings(context, look),
  })
  return [
    check('temporal', () => namespace(context)),
    check('temporal-search-attributes', () => searchAttributes(context)),
    check('temporal-workers', () => checkWorkers(context)),
    check('temporal-schedules', () => schedules(context)),
  ]
}

async function namespace(context: CheckContext): Promise<CheckResult> {
  const { namespace: name } = context.section('temporal')
  const { retentionSeconds } = await context.temporal().namespace()
  const hours = Math.floor(retentionSeconds / 3_600)
  const short = hours < LEAST_RETENTION_HOURS
  return {
    findings: short
      ? [checkFinding(context.system, 'retention-too-short', { namespace: name, hours: String(hours) })]
      : [],
    facts: [`namespace ${name}`, `keeps closed workflows for ${hours} hours`],
  }
}

async function searchAttributes(context: CheckContext): Promise<CheckResult> {
  const { namespace: name } = context.section('temporal')
  const known = await context.temporal().searchAttributes()
  if (known === null) return { facts: ['this server shows its search attributes only to its operators'] }
  const findings = Object.entries(SEARCH_ATTRIBUTES).flatMap(([attribute, type]) => {
    const found = known.get(attribute)
    if (found === type) return []
    const detail = { attribute, type, namespace: name }
    return found === undefined
      ? [checkFinding(context.system, 'search-attribute-missing', detail)]
      : [checkFinding(context.system, 'search-attribute-wrong-type', { ...detail, found })]
  })
  return { findings, facts: [`${Object.keys(SEARCH_ATTRIBUTES).length - findings.length} registered`] }
}

async function schedules(context: CheckContext): Promise<CheckResult> {
  const planned = plannedSchedules(context.system, context.served.catchUps(context.env))
  const states = await createSchedules(context.temporal().client).states(planned)
  return {
    findings: scheduleFindings(context.system, states, new Date()),
    facts: states.flatMap(({ id, exists, last, missed }) =>
      exists
        ? [
            `${id} ${last === null ? 'has not run yet' : `ran last ${last}`}${missed > 0 ? `, missed ${missed} runs` : ''}`,
          ]
        : [],
    ),
  }
}

/** The faults of the required schedules: missing, paused, or not started when due. */
export function scheduleFindings(
  system: System,
  states: readonly ScheduleState[],
  now: Date,
): CheckFinding[] {
  return states.flatMap(({ id: schedule, exists, paused, next }) => {
    if (!exists) return [checkFinding(system, 'schedule-missing', { schedule, system })]
    if (paused) return [checkFinding(system, 'schedule-paused', { schedule })]
    const late = next !== null && Date.parse(next) < now.getTime() - LATE_MS
    return late ? [checkFinding(system, 'schedule-late', { schedule, due: next })] : []
  })
}
