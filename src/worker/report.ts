import { setTimeout as sleep } from 'node:timers/promises'
import { hostname } from 'node:os'
import { REPORT_EVERY_MS } from '../domain/workers.ts'
import type { Logger } from '../logging.ts'
import type { WorkerInfo, WorkerReports } from '../state/ports/workers.ts'

export interface WorkerReporting {
  /** Reports that this worker takes no more work, and stops reporting. Never rejects: a missing report is detected. */
  stop(): Promise<void>
}

/** This process as it reports itself; the identity is the one the SDK gives its workers. */
export function describeThisWorker(build: string, settings: Readonly<Record<string, string>>): WorkerInfo {
  const [pid, host] = [process.pid, hostname()]
  return { identity: `${pid}@${host}`, host, pid, build, settings, startedAt: new Date() }
}

/** Reports this worker every few seconds, from the thread that runs its activities: one that hangs stops reporting. */
export function reportWorker(
  reports: Pick<WorkerReports, 'report'>,
  self: WorkerInfo,
  logger: Logger,
): WorkerReporting {
  const stopping = new AbortController()
  let failing = false

  const report = async (stopped: boolean): Promise<void> => {
    try {
      await reports.report(self, stopped)
      failing = false
    } catch (error) {
      if (!failing) logger.warn({ err: error }, 'the worker cannot report itself: retrying')
      failing = true
    }
  }

  const reporting = (async () => {
    while (!stopping.signal.aborted) {
      await report(false)
      await sleep(REPORT_EVERY_MS, undefined, { signal: stopping.signal }).catch(() => {}) // aborted by `stop`
    }
    await report(true)
  })()

  return {
    stop() {
      stopping.abort()
      return reporting
    },
  }
}
