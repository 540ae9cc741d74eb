/**
 * `begun`: runs that recorded their person, under the key `all`; `signups`: runs that ended, by outcome; `times`: signups
 * that completed for the first time, by the bucket of the time since the person signed up (`timeBucket`); `blocked`: a
 * signup began to fail with a problem, by its name; `gaps`: what the last audit of everybody in that hour found, by kind.
 */
export type TotalName = 'begun' | 'signups' | 'times' | 'blocked' | 'gaps'

export interface Total {
  readonly name: TotalName
  /** The outcome, the bucket, the problem or the kind of gap. */
  readonly key: string
  /** The beginning of the hour or of the day, in UTC, ISO 8601. */
  readonly at: string
  readonly count: number
}

export interface CountedEvent {
  readonly name: Exclude<TotalName, 'gaps'>
  readonly key: string
  /** Names the event, and nobody: one that is reported again with the same time, within two hours, is counted once. */
  readonly id: string
  readonly at: Date
}

/** Durable counts of a system by the hour and by the day, for 400 days. They name nobody, and outlive every record. */
export interface Totals {
  count(events: readonly CountedEvent[]): Promise<void>
  /**
   * The gaps that an audit of everybody found, by kind: they replace those of an audit earlier in the same hour, and
   * change nothing where a later one was faster.
   */
  setGaps(counts: Readonly<Record<string, number>>, at: Date): Promise<void>
  /**
   * The totals of the hours that begin in this period, `to` excluded, or of its days: sums of those hours. Of `gaps`, a
   * day has the counts of its last audit. Oldest first, then by name and key.
   */
  list(by: 'hour' | 'day', period: { readonly from: Date; readonly to: Date }): Promise<Total[]>
}
