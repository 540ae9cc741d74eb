import { readAlerts } from '../../src/config/alerts.ts'
import { connectAlerts } from '../../src/client/connect-alerts.ts'
import { createApp } from '../../src/http/app.ts'
import { connectMeasures } from '../../src/http/metrics/connect.ts'
import { createLogger } from '../../src/logging.ts'
import { logFields } from '../../src/worker/log-fields.ts'

/**
 * Entry of a child process: Holdfast's own code logs to standard error what `ops/log-queries.json` searches for. Only
 * the servers behind it are missing, which is why it logs.
 */
const away = (): Promise<never> => Promise.reject(new Error('away'))
const awayStore = new Proxy({}, { get: () => away }) as never
const logger = createLogger('server')

const app = createApp({
  logger,
  sealed: null,
  addRoutes: (hono) => void hono.post('/webhooks/auth0/:tenant', away),
  ready: away,
})
await app.request('/webhooks/auth0/aesthetic', { method: 'POST' })
await app.request('/readyz')

const measures = connectMeasures(
  [
    {
      system: 'atproto',
      own: { health: away },
      temporal: awayStore,
      monitored: { state: new Proxy({}, { get: () => awayStore }) as never },
      hash: (identity) => identity,
      tenants: ['aesthetic'],
    },
  ],
  { build: 'test', logger },
)
await measures.metrics.page()

const alerts = connectAlerts({
  system: 'atproto',
  source: 'workers',
  store: {
    record: (alert: object) => Promise.resolve({ ...alert, state: 'opened' }),
    openSinceOf: () => Promise.resolve(new Map()),
    closeMissing: () => Promise.resolve([]),
  } as never,
  config: { alerts: readAlerts({}), docs: { url: 'docs' } },
  temporal: awayStore,
  log: (level, text, fields) => logger.child({ system: 'atproto' })[level](fields, text),
  warn: () => {},
})
const finding = { name: 'pds-unreachable', count: 12, since: new Date().toISOString() } as const
await alerts.reconcile({ system: 'atproto', scope: [], findings: [finding] })

// The fields with which the SDK logs that an activity failed, as a worker writes them.
const meta = {
  sdkComponent: 'worker',
  taskQueue: 'holdfast-pds',
  activityType: 'ensurePdsAccount',
  workflowId: 'signup/atproto/aesthetic/auth0|6123abc',
  attempt: 1,
}
createLogger('worker').warn(logFields(meta), 'Activity failed')
