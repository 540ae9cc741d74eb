import { createLogIds, logIdPrefix } from '../ids.ts'
import { lowerBound } from '../sorted.ts'
import type { Log, LogFields } from '../types.ts'

export interface LogStore {
  /** Gives the log its id and date and stores it. */
  append(fields: LogFields): Log
  /** Restores a log stored by a former run. */
  restore(log: Log): void
  get(id: string): Log | undefined
  /** Logs after this id, oldest first. The id need not exist: it still marks a place in time. */
  after(id: string, take: number): readonly Log[]
  /** Logs since a time, oldest first. */
  since(at: Date): readonly Log[]
  all(): readonly Log[]
  /** The id that a reader of all logs so far would have as its checkpoint. */
  newest(): string
}

/** Logs in order of id. Logs older than the retention are deleted at the next read. */
export function createLogStore({
  now,
  retentionMs,
}: {
  now: () => Date
  retentionMs: () => number
}): LogStore {
  let logs: Log[] = []
  let newest = ''
  let nextId = createLogIds()

  function kept(): Log[] {
    const oldest = logIdPrefix(new Date(Math.max(0, now().getTime() - retentionMs())))
    const first = logs[0]
    if (first !== undefined && first.log_id < oldest) {
      logs = logs.slice(lowerBound(logs, (log) => log.log_id < oldest))
    }
    return logs
  }

  return {
    append(fields) {
      const at = now()
      newest = nextId(at)
      const log: Log = { date: at.toISOString(), ...fields, log_id: newest }
      logs.push(log)
      return log
    },
    restore(log) {
      logs.push(log)
      newest = log.log_id
      nextId = createLogIds(newest)
    },
    get(id) {
      const log = kept()[lowerBound(logs, (other) => other.log_id < id)]
      return log?.log_id === id ? log : undefined
    },
    after(id, take) {
      const all = kept()
      const start = lowerBound(all, (log) => log.log_id <= id)
      return all.slice(start, start + take)
    },
    since(at) {
      const prefix = logIdPrefix(at)
      const all = kept()
      return all.slice(lowerBound(all, (log) => log.log_id < prefix))
    },
    all: kept,
    newest: () => newest,
  }
}
