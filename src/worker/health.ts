import { log } from '@temporalio/activity'
import type { Client } from '@temporalio/client'
import type { Db } from 'mongodb'
import type { HealthDeps } from '../activities/health.ts'
import { createAlertHook } from '../adapters/alert-hook.ts'
import { createAlerts } from '../adapters/alerts.ts'
import type { Auth0 } from '../adapters/auth0.ts'
import { createAuth0Desk } from '../adapters/auth0-desk.ts'
import { createAlertStore } from '../adapters/mongo/alerts.ts'
import { createCursors } from '../adapters/mongo/cursors.ts'
import { createIgnored } from '../adapters/mongo/ignored.ts'
import { pingMongo } from '../adapters/mongo/ping.ts'
import { createStores } from '../adapters/mongo/stores.ts'
import { createPdsLook } from '../adapters/pds-look.ts'
import { startBatchRetry } from '../client/batch-retry.ts'
import { isHeldUpBy, oneHeldUpBy, readHeldUp } from '../client/held-up.ts'
import { unservedQueues } from '../client/pollers.ts'
import { inTime } from '../client/temporal.ts'
import type { Sections } from '../config.ts'
import type { TenantConfig } from '../config/tenants.ts'
import { nameInId, type IdentityHash } from '../contracts/ids.ts'
import { retry } from '../contracts/messages.ts'
import { OutsideError } from '../domain/outside-error.ts'
import { catchUpLag, logGap } from './catch-up-lag.ts'
import { missingSignups } from './missing-signups.ts'
import { silentSignups } from './silent-signups.ts'

export interface HealthOutside {
  readonly config: Pick<Sections, 'pds' | 'alerts'>
  /** Each with one client for as long as the worker lives: a new one asks Auth0 for a token, and those are counted. */
  readonly tenants: readonly (TenantConfig & { readonly auth0: Auth0 })[]
  readonly db: Db
  readonly temporal: Client
  readonly hash: IdentityHash
}

/** The real servers behind `watch`. */
export function connectHealth({ config, tenants, db, temporal, hash }: HealthOutside): HealthDeps {
  const pds = createPdsLook(config.pds)
  const ignored = createIgnored(db)

  const stores = createStores(db)
  const cursors = createCursors(db)

  /** While the list cannot be read, nobody is ignored: better one alert too many. */
  const ignoredNow = async (): Promise<ReadonlySet<string>> => {
    try {
      return new Set((await ignored.list('atproto')).map(({ identity }) => identity))
    } catch (error) {
      if (!(error instanceof OutsideError)) throw error
      return new Set()
    }
  }
  /** As they stand in workflow ids. */
  const namesIn = (identities: ReadonlySet<string>): ReadonlySet<string> =>
    new Set([...identities].map((identity) => nameInId(identity, hash)))

  return {
    probes: [
      { dependency: 'mongo', tenant: null, ask: () => pingMongo(db) },
      { dependency: 'pds', tenant: null, ask: () => pds.ping() },
      ...tenants.map((tenant) => ({
        dependency: 'auth0' as const,
        tenant: tenant.name,
        ask: createAuth0Desk(tenant).ping,
      })),
    ],
    heldUp: async () => readHeldUp(temporal, namesIn(await ignoredNow())),
    looks: [
      {
        alert: 'no-worker',
        look: async () => {
          const since = new Date().toISOString()
          const queues = await unservedQueues(temporal)
          if (queues.length === 0) return []
          return [{ name: 'no-worker', count: 0, since, detail: { queue: queues.join(' and ') } }]
        },
      },
      { alert: 'signups-silent', look: () => silentSignups(temporal) },
      ...tenants.flatMap(({ name }) => [
        { alert: 'catch-up-behind' as const, look: () => catchUpLag(name, cursors) },
        { alert: 'log-gap' as const, look: () => logGap(name, cursors) },
      ]),
      ...tenants.map((tenant) => ({
        alert: 'signups-missing' as const,
        look: () => missingSignups({ tenant, auth0: tenant.auth0, stores, ignored: ignoredNow }),
      })),
    ],
    async retryAll(problems) {
      const batch = await startBatchRetry(temporal, problems, 'what they waited for is well again')
      return typeof batch === 'string' ? 0 : batch.matched
    },
    async retryOne(problem) {
      const workflowId = await oneHeldUpBy(temporal, problem)
      if (workflowId === null) return null
      await inTime(temporal, () => temporal.workflow.getHandle(workflowId).signal(retry))
      return workflowId
    },
    isHeldUp: (workflowId, problem) => isHeldUpBy(temporal, workflowId, problem),
    alerts: createAlerts({
      store: createAlertStore(db),
      channel: config.alerts.url === null ? null : createAlertHook(config.alerts.url),
      log: ({ state, sentence, ...rest }) =>
        log[state === 'closed' ? 'info' : 'warn'](`alert ${state}: ${sentence}`, { alert: rest }),
    }),
  }
}
