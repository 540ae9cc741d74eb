/** The events that are already durable, so that a repeated one need not reach Temporal. */
export interface SeenEvents {
  /** Those of the ids that were recorded before. */
  known(tenant: string, ids: readonly string[]): Promise<ReadonlySet<string>>
  /**
   * Records ids whose events are durable. If a crash loses some, their events only reach Temporal once more, which
   * changes nothing; so the write waits for one member of the replica set and no journal.
   */
  record(tenant: string, ids: readonly string[]): Promise<void>
}
