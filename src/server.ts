import { serve } from '@hono/node-server'
import { createAlertHook } from './adapters/alert-hook.ts'
import { createAlerts } from './adapters/alerts.ts'
import { createAlertStore } from './adapters/mongo/alerts.ts'
import { connectMongo } from './adapters/mongo/connect.ts'
import { createReveals } from './adapters/mongo/reveals.ts'
import { createSignups } from './client/signups.ts'
import { inTime, lazyTemporal } from './client/temporal.ts'
import { loadConfig } from './config.ts'
import { createIdHash, createKeyring } from './crypto/keyring.ts'
import { runEntry } from './entry.ts'
import { createApp } from './http/app.ts'
import { watchWorkers } from './http/worker-watch.ts'
import { connectIntake } from './intake/connect.ts'
import { createLogger } from './logging.ts'
import { createSealingCodec } from './payloads/codec.ts'

/** Entry: the HTTP side. Ends on SIGINT or SIGTERM, when the requests at hand are answered. */
await runEntry(async () => {
  const config = loadConfig([
    'temporal',
    'mongo',
    'tenants',
    'keys',
    'quarantine',
    'operator',
    'http',
    'alerts',
  ])
  const logger = createLogger('server')
  const hash = createIdHash(config.keys.id)
  const temporal = lazyTemporal(config)
  const { client: mongo, db } = connectMongo(config.mongo)
  const keyring = createKeyring(config.keys.sealing)
  const { intake } = connectIntake({ db, signups: createSignups(temporal, hash), config, logger })
  const app = createApp({
    logger,
    sealed: {
      codec: createSealingCodec(keyring),
      reveals: createReveals(db),
      operator: config.operator,
      uiUrl: config.temporal.uiUrl,
    },
    tenants: config.tenants,
    intake,
    ready: async () => {
      await inTime(temporal, () => temporal.workflowService.getSystemInfo({}))
      await db.command({ ping: 1 })
    },
  })
  const server = serve({ fetch: app.fetch, port: config.http.port, hostname: config.http.host }, ({ port }) =>
    logger.info({ port }, 'listening'),
  )
  const alerts = createAlerts({
    store: createAlertStore(db),
    channel: config.alerts.url === null ? null : createAlertHook(config.alerts.url),
    log: ({ state, sentence, ...rest }) =>
      logger[state === 'closed' ? 'info' : 'warn']({ alert: rest }, `alert ${state}: ${sentence}`),
  })
  const ending = new AbortController()
  const watching = watchWorkers({ temporal, alerts, logger }, ending.signal)
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => server.close(() => resolve()))
  })
  ending.abort()
  await Promise.all([watching, intake.settled()])
  await Promise.all([mongo.close(), temporal.connection.close()])
})
