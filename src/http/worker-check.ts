import type { Client } from '@temporalio/client'
import { countInProgress } from '../client/blocked.ts'
import { queuePollers, queuesOf } from '../client/pollers.ts'
import { withDeadline } from '../client/temporal.ts'
import type { System } from '../contracts/systems.ts'
import type { WorkerReport } from '../contracts/workers.ts'
import { OutsideError } from '../domain/outside-error.ts'
import { silentWorkers, unpolledQueues } from '../domain/workers.ts'
import type { Logger } from '../logging.ts'
import type { ServerCheckResult, ServerCheck } from './monitor.ts'
import type { WorkerReports } from '../state/ports/workers.ts'

interface WorkerCheck {
  readonly system: System
  readonly temporal: Client
  readonly reports: Pick<WorkerReports, 'list'>
  readonly logger: Logger
}

/**
 * Whether Temporal answers, and whether live workers poll every queue. A worker that hangs still has open polls at
 * Temporal, while its own reports stop at once. If the database has no reports, only Temporal's answer counts.
 */
export function workerCheck({ system, temporal, reports, logger }: WorkerCheck): ServerCheck {
  const readReports = async (): Promise<WorkerReport[] | null> => {
    try {
      return await reports.list()
    } catch (error) {
      if (!(error instanceof OutsideError)) throw error
      return null
    }
  }

  /**
   * The alert says that no worker is running, even where visibility does not answer: then without the number of
   * signups.
   */
  const countWaiting = async (): Promise<number> => {
    try {
      return await withDeadline(temporal, () => countInProgress(temporal, system))
    } catch (error) {
      logger.warn(
        { err: error },
        'Temporal did not return the number of signups that wait for a worker: retrying',
      )
      return 0
    }
  }

  const look = async (): Promise<ServerCheckResult> => {
    const reported = await readReports()
    let pollers
    try {
      pollers = await withDeadline(temporal, () => queuePollers(temporal, system))
    } catch (error) {
      logger.warn(
        { err: error },
        'Temporal did not return the pollers, so it is unknown whether a worker runs: retrying',
      )
      return { findings: [{ name: 'temporal-unreachable', count: 0 }], closable: [] }
    }
    const silent = silentWorkers(reported ?? [], pollers).map(({ identity }) => identity)
    const detail = silent.length === 0 ? {} : { silent: silent.join(', ') }
    const queues = unpolledQueues(queuesOf(system), pollers, reported)
    if (queues.length > 0) {
      const queue = queues.join(' and ')
      const count = await countWaiting()
      return {
        findings: [{ name: 'no-worker', count, detail: { queue, ...detail } }],
        closable: ['temporal-unreachable'],
      }
    }
    return {
      findings: silent.length === 0 ? [] : [{ name: 'worker-silent', count: 0, detail }],
      closable: [
        'temporal-unreachable',
        'no-worker',
        ...(reported === null ? [] : ['worker-silent' as const]),
      ],
    }
  }
  return { name: 'workers', run: look }
}
