import type { Client } from '@temporalio/client'
import type { HealthDeps, Inspection } from '../../activities/health.ts'
import { startBatchRetry } from '../../client/batch-retry.ts'
import { isBlockedBy, findBlockedBy, countBlocked } from '../../client/blocked.ts'
import type { CatchUpTarget } from '../../client/planned-schedules.ts'
import { unservedQueues } from '../../client/pollers.ts'
import { withDeadline } from '../../client/temporal.ts'
import type { AlertFinding } from '../../contracts/alerts.ts'
import { identityInId } from '../../contracts/ids.ts'
import { retry } from '../../contracts/messages.ts'
import { NO_TENANT, type System } from '../../contracts/systems.ts'
import type { BlockedByProblem } from '../../contracts/watch.ts'
import { dependencyOf } from '../../contracts/database-kind.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import type { HealthAnswers, HealthParts } from '../../systems/worker-part.ts'
import { CALL_OF_WATCH, withBreaker } from '../breakers.ts'
import type { WorkerConnections } from '../connections.ts'
import { auditAgainIfRepaired } from './audit-again.ts'
import { catchUpLag, logGap } from './catch-up-lag.ts'
import { stalledSignups } from './stalled-signups.ts'
import type { HeldActionsStore } from '../../state/ports/safety-limits.ts'

/** A system, with the tenants whose events are read regularly. */
export interface WatchedSystem {
  readonly name: System
  readonly catchUps: readonly Pick<CatchUpTarget, 'tenant'>[]
}

/**
 * The real servers behind `watch`: what it checks for every system, and what the system answers. The checks of
 * dependencies always pass through their circuit breakers, and close them; all other calls to a dependency that does not
 * answer fail fast.
 */
export function connectHealth(
  { name: system, catchUps }: WatchedSystem,
  { config: { alerts: limits }, temporal, opened: { state }, breaker, hash, alerts }: WorkerConnections,
  answersOf: (parts: HealthParts) => HealthAnswers,
): HealthDeps {
  const database = dependencyOf(state.kind)
  const ignored = withBreaker(breaker, state.ignored, CALL_OF_WATCH)
  const cursors = withBreaker(breaker, state.cursors, CALL_OF_WATCH)
  const brakes = withBreaker(breaker, state.heldActions, CALL_OF_WATCH)

  /** While the list cannot be read, no one is ignored: one alert too many is better than a missing one. */
  const ignoredNow = async (): Promise<ReadonlySet<string>> => {
    try {
      return new Set((await ignored.list()).map(({ identity }) => identity))
    } catch (error) {
      if (!(error instanceof OutsideError)) throw error
      return new Set()
    }
  }
  /** Names of identities as they occur in workflow ids. */
  const namesIn = (identities: ReadonlySet<string>): ReadonlySet<string> =>
    new Set([...identities].map((identity) => identityInId(identity, hash)))

  const { dependencies, inspections, mayBeResolved } = answersOf({ ignored: ignoredNow })
  return {
    dependencies: [
      { dependency: database, tenant: null, check: () => breaker.runAlways(() => state.ping()) },
      ...dependencies,
    ],
    countBlocked: async () => {
      const blocked = await countBlocked(temporal, system, namesIn(await ignoredNow()), { hash })
      const limited = blocked.map((one) => ({ ...one, alertAfterMinutes: limits.blockedMinutes }))
      return withHeldRecords(limited, brakes)
    },
    inspections: [
      {
        name: 'workers',
        alerts: ['no-worker'],
        needs: [],
        inspect: () => unservedQueuesOf(temporal, system),
      },
      {
        name: 'quarantine',
        alerts: ['events-quarantined'],
        needs: [database],
        inspect: async () => {
          const { count, reasons, since } = await state.quarantineSummary()
          const detail = Object.fromEntries(
            Object.entries(reasons).map(([reason, times]) => [reason, String(times)]),
          )
          return since === null ? [] : [{ name: 'events-quarantined', count, since, detail }]
        },
      },
      {
        name: 'gaps that may be closed',
        alerts: [], // the audit opens and closes `gaps-found`
        needs: [database],
        inspect: async () => {
          const { alerts: alertStore, findings } = state
          await auditAgainIfRepaired({ system, temporal, alerts: alertStore, findings, mayBeResolved })
          return []
        },
      },
      {
        name: 'stalled signups',
        alerts: ['signups-stalled', 'workflows-failing'],
        needs: [],
        inspect: () => stalledSignups(temporal, system),
      },
      ...catchUps.map(({ tenant }): Inspection => ({
        name: tenant === NO_TENANT ? 'catch-up' : `catch-up of ${tenant}`,
        alerts: ['catch-up-behind', 'log-gap'],
        needs: [database],
        inspect: async () => [
          ...(await catchUpLag(tenant, cursors, limits.lagMinutes)),
          ...(await logGap(tenant, cursors)),
        ],
      })),
      ...inspections,
    ],
    async retryBlocked(problems) {
      const batch = await startBatchRetry(temporal, system, problems, 'their dependency has recovered')
      return typeof batch === 'string' ? 0 : batch.matched
    },
    async retryOneBlocked(problem) {
      const workflowId = await findBlockedBy(temporal, system, problem)
      if (workflowId === null) return null
      await withDeadline(temporal, () => temporal.workflow.getHandle(workflowId).signal(retry))
      return workflowId
    },
    isBlocked: (workflowId, problem) => isBlockedBy(temporal, workflowId, problem),
    alerts,
  }
}

async function unservedQueuesOf(temporal: Client, system: System): Promise<AlertFinding[]> {
  const since = new Date().toISOString()
  const queues = await unservedQueues(temporal, system)
  if (queues.length === 0) return []
  return [{ name: 'no-worker', count: 0, since, detail: { queue: queues.join(' and ') } }]
}

/**
 * Adds the kinds of lost records to the alert that automatic repairs are held. While the database does not answer, the
 * alert is sent without them.
 */
async function withHeldRecords(
  blocked: BlockedByProblem[],
  brakes: Pick<HeldActionsStore, 'countHeld'>,
): Promise<BlockedByProblem[]> {
  if (!blocked.some(({ problem }) => problem === 'repairs-held')) return blocked
  const records = await brakes.countHeld('repairs').then(
    ({ about }) => Object.entries(about).map(([record, count]) => `${record}: ${count}`),
    (error: unknown) => {
      if (!(error instanceof OutsideError)) throw error
      return []
    },
  )
  if (records.length === 0) return blocked
  const detail = { records: records.join(', ') }
  return blocked.map((one) => (one.problem === 'repairs-held' ? { ...one, detail } : one))
}
