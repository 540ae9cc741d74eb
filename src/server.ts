import { randomUUID } from 'node:crypto'
import { serve } from '@hono/node-server'
import { withDeadline, lazyTemporal } from './client/temporal.ts'
import type { Section } from './config.ts'
import { createIdHash, createKeyring } from './crypto/keyring.ts'
import { runEntry } from './entry.ts'
import { createApp } from './http/app.ts'
import { closeServer } from './http/close-server.ts'
import { limitConnections, SERVER_LIMITS } from './http/limits.ts'
import { runMonitor } from './http/monitor.ts'
import { createLogger } from './logging.ts'
import { createSealingCodec } from './payloads/codec.ts'
import { loadServed, startAll } from './systems/served.ts'
import { connectAlerts } from './worker/health/connect-alerts.ts'

/** Time that requests in flight have at shutdown; `npm start` kills after 10 s, the deployment after 20. */
const CLOSING_MS = 6_000

const SECTIONS = [
  'temporal',
  'keys',
  'operator',
  'http',
  'alerts',
  'docs',
] as const satisfies readonly Section[]

/** Entry: the HTTP server. It exits on SIGINT or SIGTERM, once the requests in flight are answered. */
await runEntry(async () => {
  const { systems, config } = await loadServed('server', SECTIONS)
  const logger = createLogger('server')
  const temporal = lazyTemporal(config)
  const parts = await startAll(
    systems.map(({ name, server }) => async () => ({ name, ...(await server.start({ temporal, logger })) })),
    (part) => part.close(),
  )
  const [first] = parts
  const app = createApp({
    logger,
    addRoutes(hono) {
      for (const part of parts) part.addRoutes(hono)
    },
    sealed:
      config.operator.codec === 'off' || first === undefined
        ? null
        : {
            codec: createSealingCodec(createKeyring(config.keys.sealing)),
            // A payload does not say whose system it is of: what is shown is recorded at the first one.
            actions: first.actions,
            hash: createIdHash(config.keys.id),
            operator: config.operator,
            uiUrl: config.temporal.uiUrl,
          },
    ready: async () => {
      await withDeadline(temporal, () => temporal.workflowService.getSystemInfo({}))
      await Promise.all(parts.map(({ ready }) => ready()))
    },
  })
  const server = serve(
    { fetch: app.fetch, port: config.http.port, hostname: config.http.host, serverOptions: SERVER_LIMITS },
    ({ port }) => logger.info({ port }, 'listening'),
  )
  limitConnections(server)
  const ending = new AbortController()
  const source = `server-${randomUUID()}` as const
  const monitoring = parts.map(({ name: system, checks, alerts: store }) =>
    runMonitor(
      {
        system,
        checks,
        alerts: connectAlerts({
          system,
          source,
          store,
          config,
          temporal,
          log: (level, text, fields) => logger[level](fields, text),
          warn: (err, what) => logger.warn({ err }, what),
        }),
        logger,
      },
      ending.signal,
    ),
  )
  await new Promise<void>((resolve, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => void closeServer(server, CLOSING_MS).then(resolve, reject))
  })
  ending.abort()
  // Together: the monitor may wait for a channel that hangs, and the process is killed soon.
  await Promise.all([...monitoring, ...parts.map(({ flush }) => flush())])
  await Promise.all(parts.map(({ close }) => close()))
  await temporal.connection.close()
})
