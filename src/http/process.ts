import { randomUUID } from 'node:crypto'
import { serve, type ServerType } from '@hono/node-server'
import { withDeadline, lazyTemporal } from '../client/temporal.ts'
import type { System } from '../contracts/systems.ts'
import { shellEnv, withReadableSecretFiles } from '../config.ts'
import { createLogger } from '../logging.ts'
import { createSealingCodec } from '../payloads/codec.ts'
import { verifyVersion, type VersionWatch } from '../state/verify-version.ts'
import { configureServed, startAll } from '../systems/served.ts'
import type { ServedSystem } from '../systems/system.ts'
import type { ConfiguredServer, SystemServer } from '../systems/server-part.ts'
import { connectAlerts } from '../client/connect-alerts.ts'
import { createApp } from './app.ts'
import { serverChecks } from './server-checks.ts'
import { closeServer } from './close-server.ts'
import { connectServer, SERVER_SECTIONS, type ServerConnections } from './connections.ts'
import { connectMeasures } from './metrics/connect.ts'
import { measureRequests } from './metrics/requests.ts'
import { limitConnections, SERVER_LIMITS } from './limits.ts'
import { runMonitor } from './monitor.ts'
import { createOperatorApp } from './operators/app.ts'
import { identifyBy } from './operators/identify.ts'
import { operatedSystem } from './operators/operated-system.ts'
import { operatorRoutes } from './operators/routes.ts'

/** Time that requests in flight have at shutdown; `npm start` kills after 10 s, the deployment after 20. */
const CLOSING_MS = 6_000

/** Runs the HTTP server until SIGINT or SIGTERM, and returns once the requests in flight are answered. */
export async function runServerProcess(): Promise<void> {
  const { systems, config } = await configureServed('server', SERVER_SECTIONS)
  const logger = createLogger('server')
  const temporal = lazyTemporal(config)
  const parts = await startAll(
    systems.map(
      ({ system, configured, state }) =>
        async () =>
          connectPart(
            system,
            configured,
            await connectServer(system.name, state, {
              config,
              temporal,
              logger: logger.child({ system: system.name }),
            }),
          ),
    ),
    closePart,
  )
  const measures = connectMeasures(
    parts.map(({ system, served, own, connections }) => ({
      ...connections,
      system,
      own,
      tenants: served.catchUps(withReadableSecretFiles(shellEnv())).map(({ tenant }) => tenant),
    })),
    { build: config.build, logger },
  )
  const measure = measureRequests(measures.metrics)
  const shared = parts.find(({ system }) => system === config.sharedState)
  const app = createApp({
    logger,
    measure,
    addRoutes(hono) {
      for (const { own } of parts) own.addRoutes(hono)
    },
    sealed:
      config.operator.codec === 'off' || shared === undefined
        ? null
        : {
            codec: createSealingCodec(shared.connections.keyring),
            // A payload does not say whose system it is of.
            actions: shared.connections.opened.state.actions,
            hash: shared.connections.hash,
            operator: config.operator,
            uiUrl: config.temporal.uiUrl,
          },
    ready: async () => {
      await withDeadline(temporal, () => temporal.workflowService.getSystemInfo({}))
      await Promise.all(parts.map(isReady))
    },
  })
  const server = listen(app, config.http, ({ port }) => logger.info({ port }, 'listening'))
  const { operatorAddress: address } = config
  const operators =
    address === null
      ? null
      : listen(
          createOperatorApp({
            routes: operatorRoutes({
              version: config.build,
              measures,
              systems: parts.map(({ served, connections }) => operatedSystem(served, connections)),
            }),
            identify: identifyBy(address),
            logger,
            measure,
            docsUrl: config.docs.url,
            system: config.sharedState,
          }),
          address,
          ({ port }) => logger.info({ port, host: address.host }, 'listening for operators'),
        )
  const ending = new AbortController()
  const source = `server-${randomUUID()}` as const
  const monitoring = parts.map((part) => monitorPart(part, source, ending.signal))
  await new Promise<void>((resolve, reject) => {
    const end = (failed?: unknown): void =>
      void Promise.all(
        [server, operators].flatMap((one) => (one === null ? [] : closeServer(one, CLOSING_MS))),
      ).then(() => (failed === undefined ? resolve() : reject(failed)), reject)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end())
    for (const { version } of parts) version.ended.catch(end)
  }).finally(() => ending.abort())
  // Together: the monitor may wait for a channel that hangs, and the process is killed soon.
  await Promise.all([...monitoring, ...parts.map(({ own }) => own.flush())])
  await Promise.all(parts.map(closePart))
  await temporal.connection.close()
}

function listen(
  app: { readonly fetch: (request: Request) => Response | Promise<Response> },
  { port, host }: { readonly port: number; readonly host: string },
  listening: (at: { readonly port: number }) => void,
): ServerType {
  const server = serve({ fetch: app.fetch, port, hostname: host, serverOptions: SERVER_LIMITS }, listening)
  limitConnections(server)
  return server
}

/** One system inside this process. */
interface Part {
  readonly system: System
  readonly served: ServedSystem
  readonly own: SystemServer
  readonly connections: ServerConnections
  readonly version: VersionWatch
}

async function connectPart(
  served: ServedSystem,
  configured: ConfiguredServer,
  connections: ServerConnections,
): Promise<Part> {
  let version: VersionWatch | null = null
  try {
    const { opened, logger } = connections
    version = await verifyVersion(opened, (err, what) => logger.warn({ err }, what))
    const own = await configured.connect(connections)
    return { system: served.name, served, own, connections, version }
  } catch (error) {
    version?.stop()
    await connections.close()
    throw error
  }
}

async function isReady({ own, connections }: Part): Promise<void> {
  await Promise.all([connections.opened.state.checkHealth(), own.ready?.()])
}

function monitorPart(
  { system, own, connections: { config, temporal, monitored, logger } }: Part,
  source: `server-${string}`,
  ending: AbortSignal,
): Promise<void> {
  const alerts = connectAlerts({
    system,
    source,
    store: monitored.state.alerts,
    config,
    temporal,
    log: (level, text, fields) => logger[level](fields, text),
    warn: (err, what) => logger.warn({ err }, what),
  })
  const checks = serverChecks({ system, temporal, state: monitored.state, logger, own })
  return runMonitor({ system, checks, alerts, logger }, ending)
}

async function closePart({ own, connections, version }: Part): Promise<void> {
  version.stop()
  await own.close?.()
  await connections.close()
}
