export interface NotedEvent {
  readonly code: string
  /** The identity as the application stores it; null where the event names nobody, or does not concern their mail. */
  readonly identity: string | null
  /** The event's own time, ISO 8601; null where it has none. */
  readonly at: string | null
  readonly logId: string | null
}

export interface NotedEventCount {
  readonly tenant: string
  /** `2026-11-29`, in UTC. */
  readonly day: string
  readonly code: string
  readonly count: number
}

export interface NotedEvents {
  /**
   * Counts events by tenant, code and day, a repeated event once, and stores whose verification mail failed with its
   * last failure, in whatever order events arrive.
   */
  record(tenant: string, events: readonly NotedEvent[]): Promise<void>
  /** The counts of the days since then, the newest first. */
  counts(since: Date): Promise<NotedEventCount[]>
  /** The last failure of a person's verification mail; null where none is known. */
  failedMail(identity: string): Promise<{ code: string; at: string } | null>
}
