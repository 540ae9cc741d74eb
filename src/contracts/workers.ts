/** A worker process as it reports itself, and the age of that report. Nothing in it is personal or secret. */
export interface WorkerReport {
  /** As Temporal knows it: `<pid>@<host>`. */
  readonly identity: string
  readonly host: string
  readonly pid: number
  readonly build: string
  /** ISO 8601. */
  readonly startedAt: string
  /** Since its last report, in milliseconds, by the database's clock. */
  readonly ageMs: number
  /** It was told to shut down: it takes no more work. */
  readonly stopped: boolean
  /** Its settings by variable, as keyed hashes: equal where the settings are. */
  readonly settings: Readonly<Record<string, string>>
}

/** One process that polls one queue, as Temporal knows it. */
export interface QueuePoller {
  readonly queue: string
  readonly identity: string
  /** Milliseconds since it last polled. A live one polls about once a minute. */
  readonly ageMs: number
}

/**
 * `polling`; `silent`: it hangs, or was killed; `stopped`: it was shut down; `unknown`: it polls but does not report
 * itself.
 */
export type WorkerState = 'polling' | 'silent' | 'stopped' | 'unknown'

/** One worker as `holdfast workers` shows it. */
export interface WorkerRow {
  readonly identity: string
  readonly host: string | null
  readonly pid: number | null
  readonly state: WorkerState
  /** The queues it takes work from now. */
  readonly queues: readonly string[]
  readonly build: string | null
  /** ISO 8601; null where the worker does not report itself. */
  readonly startedAt: string | null
  /** When it last reported or polled, ISO 8601. */
  readonly lastSeen: string
  /** Variables whose values differ from this environment; null where they cannot be compared. */
  readonly differs: readonly string[] | null
}
