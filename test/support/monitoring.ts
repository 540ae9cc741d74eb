import { randomUUID } from 'node:crypto'
import { createHttpChannel } from '../../src/adapters/notify/channels/http.ts'
import { createAlerts, type Alerts } from '../../src/adapters/notify/alerts.ts'
import { createMongoState } from '../../src/state/mongo/state.ts'
import { connectMongo } from '../../src/adapters/mongo/lib/connect.ts'
import { lazyTemporal } from '../../src/client/temporal.ts'
import { createUnstoredAlerts } from '../../src/client/unstored-alerts.ts'
import { loadAtprotoConfig } from '../../src/config/atproto/sections.ts'
import { runMonitor, type ServerCheck } from '../../src/http/monitor.ts'
import { checkPdsHealth } from '../../src/adapters/pds/health.ts'
import { serverChecks } from '../../src/http/server-checks.ts'
import { createLogger } from '../../src/logging.ts'

type Env = Readonly<Record<string, string>>

export interface Monitoring {
  readonly alerts: Alerts
  stop(): Promise<void>
}

/** Runs the monitor of one server, with its own connections and short intervals, until `stop`. */
export function startMonitoring(
  env: Env,
  receiverUrl: string,
  {
    patienceMs = 300,
    checks = (all) => all,
  }: { patienceMs?: number; checks?: (all: readonly ServerCheck[]) => readonly ServerCheck[] } = {},
): Monitoring {
  const config = loadAtprotoConfig(['temporal', 'keys', 'mongo', 'pdsUrl'], env)
  const { pdsUrl } = config
  const temporal = lazyTemporal(config)
  const { client, db } = connectMongo({ ...config.mongo, selectMs: 1_000 })
  const state = createMongoState(db, 'atproto')
  const logger = createLogger('test', 'silent')
  const alerts = createAlerts({
    source: `server-${randomUUID()}`,
    store: state.alerts,
    unstored: createUnstoredAlerts(temporal, 'atproto'),
    channels: [createHttpChannel(receiverUrl, 'docs')],
    routing: () => [{ channel: 'http', notBefore: null }],
    raiseAfterMs: 4 * 3_600_000,
    log: () => {},
    warn: () => {},
  })
  const ending = new AbortController()
  const ended = runMonitor(
    {
      system: 'atproto',
      checks: checks(
        serverChecks({
          system: 'atproto',
          temporal,
          state,
          logger,
          own: {
            dependencies: pdsUrl === null ? [] : [{ name: 'pds', ping: () => checkPdsHealth(pdsUrl) }],
            refusals: () => [],
          },
          recoveredMs: 5_000,
        }),
      ),
      alerts,
      logger,
      everyMs: 100,
      alertAfterMs: patienceMs,
    },
    ending.signal,
  )
  return {
    alerts,
    async stop() {
      ending.abort()
      await ended
      await Promise.all([client.close(), temporal.connection.close()])
    },
  }
}
