import { log } from '@temporalio/activity'
import type { Client } from '@temporalio/client'
import type { Db } from 'mongodb'
import type { HealthDeps, Inspection } from '../../activities/health.ts'
import type { Auth0 } from '../../adapters/auth0/auth0.ts'
import { createAuth0Admin } from '../../adapters/auth0/admin.ts'
import { createAuditFindings } from '../../state/mongo/audit/findings.ts'
import { createAlertStore } from '../../state/mongo/alerts.ts'
import { createHeldActions, type HeldActionsStore } from '../../state/mongo/safety-limits.ts'
import { createCursors } from '../../state/mongo/cursors.ts'
import { createIgnored } from '../../state/mongo/ignored.ts'
import { pingMongo } from '../../adapters/mongo/lib/ping.ts'
import { quarantineSummary } from '../../state/mongo/quarantine/summary.ts'
import { createApplicationRecords } from '../../adapters/mongo/application-records.ts'
import { createTombstones } from '../../state/mongo/tombstones.ts'
import { createPersonMemory } from '../../state/mongo/person-memory.ts'
import { createPdsReader } from '../../adapters/pds/reader.ts'
import { startBatchRetry } from '../../client/batch-retry.ts'
import { isBlockedBy, findBlockedBy, countBlocked } from '../../client/blocked.ts'
import { unservedQueues } from '../../client/pollers.ts'
import { withDeadline } from '../../client/temporal.ts'
import { connectAlerts } from './connect-alerts.ts'
import type { AtprotoSections } from '../../config/atproto/sections.ts'
import type { TenantConfig } from '../../config/atproto/tenants.ts'
import type { BlockedByProblem } from '../../contracts/watch.ts'
import { identityInId, type IdentityHash } from '../../contracts/ids.ts'
import type { System } from '../../contracts/systems.ts'
import { retry } from '../../contracts/messages.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import { withBreaker, type Breakers } from '../atproto/breakers.ts'
import { catchUpLag, logGap } from './catch-up-lag.ts'
import { missingSignups } from './missing-signups.ts'
import { notAdopted } from '../not-adopted.ts'
import { auditAgainIfRepaired } from '../atproto/audit-again.ts'
import { stalledSignups } from './stalled-signups.ts'

/** `watch` has already checked each dependency: later calls do not wait again for one that just failed. */
const YIELDING = { long: true, skipsTrial: true } as const

export interface HealthConnections {
  readonly system: System
  readonly config: Pick<AtprotoSections, 'pds' | 'alerts' | 'docs'>
  /** Each with one client for the life of the worker: a new one requests a token from Auth0, and tokens are metered. */
  readonly tenants: readonly (TenantConfig & { readonly auth0: Auth0 })[]
  readonly db: Db
  readonly temporal: Client
  readonly hash: IdentityHash
  /**
   * Circuit breakers. The checks of dependencies always pass through them, and close them; all other calls of `watch`
   * to a dependency that does not answer fail fast.
   */
  readonly breakers: Breakers
}

/** The real servers behind `watch`. */
export function connectHealth({
  system,
  config,
  tenants,
  db,
  temporal,
  hash,
  breakers,
}: HealthConnections): HealthDeps {
  const pds = createPdsReader(config.pds)
  const ignored = withBreaker(breakers.mongo, createIgnored(db, system), YIELDING)

  const stores = withBreaker(breakers.mongo, createApplicationRecords(db), YIELDING)
  const tombstones = withBreaker(breakers.mongo, createTombstones(db, system, hash), YIELDING)
  const cursors = withBreaker(breakers.mongo, createCursors(db), YIELDING)
  const people = withBreaker(breakers.mongo, createPersonMemory(db), YIELDING)
  const brakes = withBreaker(breakers.mongo, createHeldActions(db, system), YIELDING)

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

  return {
    dependencies: [
      { dependency: 'mongo', tenant: null, check: () => breakers.mongo.runAlways(() => pingMongo(db)) },
      { dependency: 'pds', tenant: null, check: () => breakers.pds.runAlways(() => pds.ping()) },
      ...tenants.map((tenant) => {
        const { ping } = createAuth0Admin(tenant)
        const check = () => breakers.auth0(tenant.name).runAlways(ping)
        return { dependency: 'auth0' as const, tenant: tenant.name, check }
      }),
    ],
    countBlocked: async () =>
      withHeldRecords(await countBlocked(temporal, system, namesIn(await ignoredNow())), brakes),
    inspections: [
      {
        name: 'workers',
        alerts: ['no-worker'],
        needs: [],
        inspect: async () => {
          const since = new Date().toISOString()
          const queues = await unservedQueues(temporal, system)
          if (queues.length === 0) return []
          return [{ name: 'no-worker', count: 0, since, detail: { queue: queues.join(' and ') } }]
        },
      },
      {
        name: 'quarantine',
        alerts: ['events-quarantined'],
        needs: ['mongo'],
        inspect: async () => {
          const { count, reasons, since } = await quarantineSummary(db, system)
          const detail = Object.fromEntries(
            Object.entries(reasons).map(([reason, times]) => [reason, String(times)]),
          )
          return since === null ? [] : [{ name: 'events-quarantined', count, since, detail }]
        },
      },
      {
        name: 'gaps that may be closed',
        alerts: [], // the audit opens and closes `gaps-found`
        needs: ['mongo'],
        inspect: async () => {
          const parts = {
            temporal,
            stores,
            alerts: createAlertStore(db, system),
            findings: createAuditFindings(db, system),
          }
          await auditAgainIfRepaired(parts)
          return []
        },
      },
      {
        name: 'stalled signups',
        alerts: ['signups-stalled', 'workflows-failing'],
        needs: [],
        inspect: () => stalledSignups(temporal, system),
      },
      {
        name: 'accounts not adopted',
        alerts: ['account-not-adopted'],
        needs: ['mongo', 'pds'],
        inspect: () => notAdopted({ people, pds: withBreaker(breakers.pds, pds), ignored: ignoredNow }),
      },
      ...tenants.flatMap((tenant): Inspection[] => [
        {
          name: `catch-up of ${tenant.name}`,
          alerts: ['catch-up-behind', 'log-gap'],
          needs: ['mongo'],
          inspect: async () => [
            ...(await catchUpLag(tenant.name, cursors)),
            ...(await logGap(tenant.name, cursors)),
          ],
        },
        {
          name: `missing signups of ${tenant.name}`,
          alerts: ['signups-missing'],
          needs: ['mongo', 'auth0'],
          inspect: () =>
            missingSignups({
              tenant,
              auth0: withBreaker(breakers.auth0(tenant.name), tenant.auth0),
              stores,
              tombstones,
              ignored: ignoredNow,
            }),
        },
      ]),
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
    alerts: connectAlerts({
      system,
      source: 'workers',
      store: withBreaker(breakers.mongo, createAlertStore(db, system), YIELDING),
      config,
      temporal,
      log: (level, text, fields) => log[level](text, fields),
      warn: (error, what) => log.warn(what, { error }),
    }),
  }
}

/**
 * Adds the kinds of lost records to the alert that automatic repairs are held. While MongoDB does not answer, the alert
 * is sent without them.
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
