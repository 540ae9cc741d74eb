import type { Client } from '@temporalio/client'
import type { Alerts } from '../adapters/alerts.ts'
import { countWorking } from '../client/held-up.ts'
import { pause } from '../client/pause.ts'
import { unservedQueues } from '../client/pollers.ts'
import { inTime } from '../client/temporal.ts'
import type { AlertFinding } from '../contracts/alerts.ts'
import type { Logger } from '../logging.ts'

const EVERY_MS = 20_000
/** What lasts less long is a worker that is being replaced, or a machine that starts. */
const PATIENCE_MS = 60_000

interface WorkerWatch {
  readonly temporal: Client
  readonly alerts: Alerts
  readonly logger: Logger
  readonly everyMs?: number
  readonly patienceMs?: number
}

/** What is in the way of every workflow, `watch` included. */
type Trouble = Pick<AlertFinding, 'name' | 'count' | 'detail'>

/**
 * Says when nobody is there to work, or Temporal itself is away: `watch` is a workflow and cannot. One alert, however
 * many signups wait. Also hands over what a channel did not take, since nobody else would. Ends when `signal` says so.
 */
export async function watchWorkers(
  { temporal, alerts, logger, everyMs = EVERY_MS, patienceMs = PATIENCE_MS }: WorkerWatch,
  signal: AbortSignal,
): Promise<void> {
  let lasting: { name: Trouble['name']; since: Date } | null = null

  const troubleNow = async (): Promise<Trouble | null> => {
    try {
      const queues = await inTime(temporal, () => unservedQueues(temporal))
      if (queues.length === 0) return null
      return {
        name: 'no-worker',
        count: await countWorking(temporal),
        detail: { queue: queues.join(' and ') },
      }
    } catch (error) {
      logger.warn({ err: error }, 'Temporal does not say whether a worker is there: asked again')
      return { name: 'temporal-unreachable', count: 0 }
    }
  }

  const look = async (): Promise<void> => {
    const trouble = await troubleNow()
    if (trouble === null) lasting = null
    else if (lasting?.name !== trouble.name) lasting = { name: trouble.name, since: new Date() }
    if (lasting !== null && Date.now() - lasting.since.getTime() < patienceMs) return
    await alerts.settle({
      system: 'atproto',
      // While Temporal is away nobody can say that a worker is there.
      scope:
        trouble?.name === 'temporal-unreachable'
          ? ['temporal-unreachable']
          : ['temporal-unreachable', 'no-worker'],
      findings:
        trouble === null || lasting === null ? [] : [{ ...trouble, since: lasting.since.toISOString() }],
    })
    await alerts.deliver()
  }

  while (!signal.aborted) {
    try {
      await look()
    } catch (error) {
      logger.error({ err: error }, 'the look at the workers failed: tried again')
    }
    await pause(everyMs, signal)
  }
}
