import type { Client } from '@temporalio/client'
import type { SystemHealth } from '../../contracts/health.ts'
import { identityInId } from '../../contracts/ids.ts'
import type { System } from '../../contracts/systems.ts'
import type { Logger } from '../../logging.ts'
import type { State } from '../../state/ports.ts'
import type { SystemServer } from '../../systems/server-part.ts'
import { healthByTotals, HEALTH_WINDOW_HOURS } from '../health.ts'
import { createMetrics, type Metrics } from './registry.ts'
import { createRefreshed } from './refreshed.ts'
import { metricSources } from './sources.ts'

/** A health is read at most this often, however many panels and scrapes ask for it. */
const HEALTH_EVERY_MS = 15_000

export interface MeasuredPart {
  readonly system: System
  readonly own: Pick<SystemServer, 'health'>
  readonly temporal: Client
  /** The state over a connection with a short time-out, so that a scrape is not kept waiting. */
  readonly monitored: { readonly state: State }
  readonly hash: (identity: string) => string
  /** The tenants whose events are read regularly. */
  readonly tenants: readonly string[]
}

export interface Measures {
  readonly metrics: Metrics
  /** Null for a system that this server does not serve. Rejects while there is no answer yet. */
  health(system: string): Promise<SystemHealth> | null
}

/** The metrics of a server process, and the health of each of its systems. */
export function connectMeasures(
  parts: readonly MeasuredPart[],
  { build, logger }: { readonly build: string; readonly logger: Pick<Logger, 'warn'> },
): Measures {
  const healths = new Map(
    parts.map((part): [string, () => Promise<SystemHealth>] => [part.system, healthOf(part)]),
  )
  const health = (system: string): Promise<SystemHealth> | null => healths.get(system)?.() ?? null
  const metrics = createMetrics({
    build,
    systems: parts.map(({ system, temporal, monitored: { state }, hash, tenants }) => ({
      system,
      sources: metricSources({
        system,
        temporal,
        state,
        tenants,
        nameInIds: (identity) => identityInId(identity, hash),
        health: () => health(system) ?? Promise.reject(new Error(`no health of ${system}`)),
      }),
    })),
    onFailure: (err, what) => logger.warn({ err, ...what }, 'metrics could not be read: retrying'),
  })
  return { metrics, health }
}

/** The system's own answer, or the one by its totals. Rejects while a store is away: an old health may be wrong. */
function healthOf({
  system,
  own,
  temporal,
  monitored: { state },
}: MeasuredPart): () => Promise<SystemHealth> {
  let failure: unknown = new Error('the health was not read in time')
  const read = createRefreshed({
    load: () =>
      own.health === undefined
        ? healthByTotals({ system, temporal, totals: state.totals })
        : own.health(HEALTH_WINDOW_HOURS),
    everyMs: HEALTH_EVERY_MS,
    onFailure: (error) => (failure = error),
  })
  return async () => {
    const { value, isLate } = await read()
    if (value === null || isLate) throw failure
    return value
  }
}
