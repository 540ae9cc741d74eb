import { log } from '@temporalio/activity'
import type { Client } from '@temporalio/client'
import type { Alerts } from '../adapters/notify/alerts.ts'
import { lazyTemporal } from '../client/temporal.ts'
import type { Section, Sections } from '../config.ts'
import type { IdentityHash } from '../contracts/ids.ts'
import type { System } from '../contracts/systems.ts'
import { createIdHash, createKeyring, type Keyring } from '../crypto/keyring.ts'
import type { CircuitBreaker } from '../domain/retries/circuit-breaker.ts'
import type { Logger } from '../logging.ts'
import type { OpenState } from '../state/open.ts'
import { CALL_OF_WATCH, stateBreaker, withBreaker } from './breakers.ts'
import { connectAlerts } from '../client/connect-alerts.ts'
import { writeGuard, type WriteGuard } from './write-guards.ts'

/** The sections of the configuration that a worker reads for every system. */
export const WORKER_SECTIONS = [
  'temporal',
  'mode',
  'keys',
  'signup',
  'quarantine',
  'deletions',
  'build',
  'alerts',
  'docs',
] as const satisfies readonly Section[]
export type WorkerConfig = Pick<Sections, (typeof WORKER_SECTIONS)[number]>

/** The sections that a worker process reads beside those that its systems need. */
export const WORKER_PROCESS_SECTIONS = [...WORKER_SECTIONS, 'workerMetrics'] as const

/** The connections that a worker has for each system, and what it decides for all of them. */
export interface WorkerConnections {
  readonly config: WorkerConfig
  readonly temporal: Client
  /** The state of the system, with the connection to its database. */
  readonly opened: OpenState
  /** The circuit breaker of that database. */
  readonly breaker: CircuitBreaker
  /** Refuses writes in observe mode, and new work while the system is paused. */
  readonly guard: WriteGuard
  readonly hash: IdentityHash
  readonly keyring: Keyring
  readonly alerts: Alerts
  readonly logger: Logger
  close(): Promise<void>
}

export function connectWorker({
  system,
  config,
  logger,
  opened,
}: {
  readonly system: System
  readonly config: WorkerConfig
  readonly logger: Logger
  readonly opened: OpenState
}): WorkerConnections {
  const temporal = lazyTemporal(config)
  const { state } = opened
  const breaker = stateBreaker(state.kind)
  const alerts = connectAlerts({
    system,
    source: 'workers',
    store: withBreaker(breaker, state.alerts, CALL_OF_WATCH),
    config,
    temporal,
    log: (level, text, fields) => log[level](text, fields),
    warn: (error, what) => log.warn(what, { error }),
  })
  return {
    config,
    temporal,
    opened,
    breaker,
    guard: writeGuard(config.mode, withBreaker(breaker, state.switches)),
    hash: createIdHash(config.keys.id),
    keyring: createKeyring(config.keys.sealing),
    alerts,
    logger,
    async close() {
      await Promise.all([opened.close(), temporal.connection.close()])
    },
  }
}
