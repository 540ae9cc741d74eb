/**
 * `signups`: by outcome; `blocked`: signups that got a problem, by its name; `gaps`: the gaps that the last audit of
 * everybody in that hour found, by kind.
 */
export type TotalName = 'signups' | 'blocked' | 'gaps'

export interface Total {
  readonly name: TotalName
  /** The outcome, the problem or the kind of gap. */
  readonly key: string
  /** The beginning of the hour or of the day, in UTC, ISO 8601. */
  readonly at: string
  readonly count: number
}

export interface CountedEvent {
  readonly name: Exclude<TotalName, 'gaps'>
  readonly key: string
  /** Names the event, and nobody: one that is reported twice within its hour is counted once. */
  readonly id: string
  readonly at: Date
}

/** Durable counts of a system by the hour and by the day, for 400 days. They name nobody, and outlive every record. */
export interface Totals {
  count(events: readonly CountedEvent[]): Promise<void>
  /** The gaps that an audit of everybody found, by kind: they replace those of an earlier audit in the same hour. */
  setGaps(counts: Readonly<Record<string, number>>, at: Date): Promise<void>
  /** Oldest first. Of `gaps`, a day has the counts of its last audit. */
  list(by: 'hour' | 'day', period: { readonly from: Date; readonly to: Date }): Promise<Total[]>
}
