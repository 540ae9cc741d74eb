import type { Alerts } from '../adapters/notify/alerts.ts'
import { abortableSleep } from '../client/abortable-sleep.ts'
import type { AlertFinding, AlertName } from '../contracts/alerts.ts'
import { mergeConsequences } from '../domain/alerts.ts'
import type { Logger } from '../logging.ts'

const EVERY_MS = 10_000
/** Shorter failures are usual: a worker is replaced, a failover takes place, or a machine starts. */
const ALERT_AFTER_MS = 20_000

/** A fault that is present now; with `since` it has lasted long enough already. */
export interface ServerFinding extends Omit<AlertFinding, 'since' | 'consequences'> {
  readonly since?: string
  readonly consequences?: readonly ServerFinding[]
}

export interface ServerCheckResult {
  readonly findings: readonly ServerFinding[]
  /** Alerts that may close, since their cause is known to be over. */
  readonly closable: readonly AlertName[]
}

/**
 * A check that the server makes itself, without a worker. A check that fails reports nothing, and does not affect the
 * others.
 */
export interface ServerCheck {
  readonly name: string
  /** `before`: the findings of the previous run of this check. */
  run(before: ReadonlySet<AlertName>): Promise<ServerCheckResult>
}

interface MonitorOptions {
  readonly system: string
  readonly checks: readonly ServerCheck[]
  readonly alerts: Alerts
  readonly logger: Logger
  readonly everyMs?: number
  readonly alertAfterMs?: number
}

const DATABASE: readonly AlertName[] = [
  'mongo-unreachable',
  'mongo-denied',
  'postgres-unreachable',
  'postgres-denied',
]

/**
 * Checks everything that a workflow cannot report, because it would not run, or would be late: Temporal, its workers,
 * the database, what the system adds, and whether `watch` still runs. An alert is sent within a minute of its cause. Also sends
 * again the messages that a channel did not accept. Ends when `signal` aborts it.
 */
export async function runMonitor(
  { system, checks, alerts, logger, everyMs = EVERY_MS, alertAfterMs = ALERT_AFTER_MS }: MonitorOptions,
  signal: AbortSignal,
): Promise<void> {
  let found = new Map<string, Date>()
  let before: ReadonlySet<AlertName> = new Set()

  const deliver = async (): Promise<void> => {
    try {
      await alerts.deliver()
    } catch (error) {
      logger.error({ err: error }, 'the alerts could not be delivered: retrying')
    }
  }
  /** The delivery in parallel with the checks, which do not wait for a channel that hangs. */
  let delivering = Promise.resolve()

  const checkOnce = async (): Promise<void> => {
    const lookedAt = new Date()
    const looks = await Promise.all(
      checks.map(({ name, run }) =>
        run(before).catch((error: unknown): ServerCheckResult => {
          logger.warn({ err: error, check: name }, 'a check of the server failed: retrying')
          return { findings: [], closable: [] }
        }),
      ),
    )
    const faults = mergeConsequences(
      looks.flatMap((look) => look.findings),
      system,
    )
    const present = new Set(faults.map(({ name }) => name))
    before = present
    const now = new Date()
    found = new Map(faults.map((fault) => [keyOf(fault), found.get(keyOf(fault)) ?? now]))
    const findings = faults.flatMap((fault): AlertFinding[] => {
      const since = found.get(keyOf(fault)) ?? now
      if (fault.since === undefined && now.getTime() - since.getTime() < alertAfterMs) return []
      return [withSince(fault, since)]
    })
    const databaseAway = faults.some(({ name }) => DATABASE.includes(name))
    if (databaseAway && findings.length === 0) return
    await alerts.reconcile({
      system,
      scope: looks.flatMap(({ closable }) => closable),
      findings,
      pending: faults,
      lookedAt,
      databaseUnavailable: databaseAway,
    })
    if (databaseAway) return
    delivering = deliver() // one that is running goes on
  }

  while (!signal.aborted) {
    try {
      await checkOnce()
    } catch (error) {
      logger.error({ err: error }, 'the alerts could not be updated: retrying')
    }
    await abortableSleep(everyMs, signal)
  }
  await delivering
}

function keyOf({ name, about = '' }: ServerFinding): string {
  return `${name}/${about}`
}

function withSince({ consequences = [], ...fault }: ServerFinding, since: Date): AlertFinding {
  return {
    ...fault,
    since: fault.since ?? since.toISOString(),
    consequences: consequences.map((one) => withSince(one, since)),
  }
}
