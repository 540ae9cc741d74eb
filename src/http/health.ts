import type { Client } from '@temporalio/client'
import { countRuns, signupsOf, visibility } from '../client/visibility.ts'
import { systemHealth, type SystemHealth } from '../contracts/health.ts'
import type { System } from '../contracts/systems.ts'
import { sumTotals } from '../domain/totals.ts'
import type { Totals } from '../state/ports/totals.ts'

/** The window of a health, by which a morning is compared with the day before. */
export const HEALTH_WINDOW_HOURS = 24

interface HealthDeps {
  readonly system: System
  readonly temporal: Client
  readonly totals: Pick<Totals, 'list'>
}

/**
 * The health of a system that has no query of its own for it: signups that began in the window, by the totals; of them,
 * those that a problem blocks now, by Temporal, and those that a problem ended, by the totals. Costs one query of each.
 */
export async function healthByTotals(
  { system, temporal, totals }: HealthDeps,
  windowHours: number = HEALTH_WINDOW_HOURS,
  now: Date = new Date(),
): Promise<SystemHealth> {
  const from = new Date(now.getTime() - windowHours * 3_600_000)
  const [counted, blocked] = await Promise.all([
    totals.list('hour', { from, to: now }),
    countRuns(
      temporal,
      visibility`${signupsOf(system)} AND ExecutionStatus = 'Running' AND SignupProblem IS NOT NULL AND StartTime > ${from}`,
    ),
  ])
  const { begun, ended } = sumTotals(counted)
  return systemHealth(begun, blocked + (ended['refused'] ?? 0), windowHours)
}
