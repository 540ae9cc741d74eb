/** A metric whose values are read from Holdfast's state or from Temporal. */
export interface StoredMetric {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  /** Beside `system`. */
  readonly labels: readonly string[]
}

const COUNTED = 'Counted durably since the beginning of the year, UTC; every server gives the same number.'

/** Every metric with the values of one system, by name. Names and labels are stable, as those of problems are. */
export const STORED_METRICS = {
  holdfast_signups_begun_total: { type: 'counter', labels: [], help: `Signups that began. ${COUNTED}` },
  holdfast_signups_ended_total: {
    type: 'counter',
    labels: ['outcome'],
    help: `Runs of signups that ended, by outcome. ${COUNTED}`,
  },
  holdfast_signups_failing_total: {
    type: 'counter',
    labels: ['problem'],
    help: `How often a step of a signup began to fail, by problem. ${COUNTED}`,
  },
  holdfast_signup_duration_seconds: {
    type: 'histogram',
    labels: [],
    help: `Time from signing up to complete, waits for the person included. Without a sum. ${COUNTED}`,
  },
  holdfast_gaps: {
    type: 'gauge',
    labels: ['kind'],
    help: 'Gaps that the last audit of everybody found, by kind.',
  },
  holdfast_signups_in_progress: {
    type: 'gauge',
    labels: ['stage'],
    help: 'Running signups by stage.',
  },
  holdfast_blocked: {
    type: 'gauge',
    labels: ['problem'],
    help: 'Running workflows that a problem blocks, by problem; ignored people are left out.',
  },
  holdfast_blocked_seconds: {
    type: 'gauge',
    labels: ['problem'],
    help: 'Time since the first of the blocked workflows began to fail, by problem.',
  },
  holdfast_health_percentage: {
    type: 'gauge',
    labels: [],
    help: 'Of the signups of the last 24 hours, the percentage that misses nothing.',
  },
  holdfast_health_recent_signups: {
    type: 'gauge',
    labels: [],
    help: 'Signups that began in the last 24 hours.',
  },
  holdfast_health_missing_profiles: {
    type: 'gauge',
    labels: [],
    help: 'Signups of the last 24 hours whose records cannot be completed at the moment.',
  },
  holdfast_alerts_open: { type: 'gauge', labels: ['alert'], help: 'Open alerts, by name.' },
  holdfast_alert_messages_undelivered: {
    type: 'gauge',
    labels: [],
    help: 'Messages of alerts that their channel has not accepted yet.',
  },
  holdfast_quarantined_events: {
    type: 'gauge',
    labels: [],
    help: 'Events in quarantine, since they could not be read.',
  },
  holdfast_workers: {
    type: 'gauge',
    labels: ['state'],
    help: 'Worker processes by their own reports: reporting, or silent since they hang or were killed.',
  },
  holdfast_catch_up_lag_seconds: {
    type: 'gauge',
    labels: ['tenant'],
    help: "Time since catch-up last reached the end of the provider's events.",
  },
  holdfast_catch_up_gap: {
    type: 'gauge',
    labels: ['tenant'],
    help: '1 while a part of the events was deleted before it was read and no audit has checked the people since.',
  },
  holdfast_paused: {
    type: 'gauge',
    labels: ['work'],
    help: '1 while creations and repairs, or deletions, are paused.',
  },
  holdfast_held_actions: {
    type: 'gauge',
    labels: ['action'],
    help: 'Actions that a safety limit holds.',
  },
  holdfast_backfills_running: { type: 'gauge', labels: [], help: 'Backfills that are running.' },
  holdfast_backfill_people: {
    type: 'gauge',
    labels: ['state'],
    help: 'People in the running backfills: planned, done, failed.',
  },
  holdfast_source_up: {
    type: 'gauge',
    labels: ['source'],
    help: '1 if the last read of this source of metrics succeeded: totals, state, temporal or health.',
  },
  holdfast_source_age_seconds: {
    type: 'gauge',
    labels: ['source'],
    help: 'Age of the values of this source.',
  },
} as const satisfies Readonly<Record<string, StoredMetric>>

export type StoredMetricName = keyof typeof STORED_METRICS

/** One value of a metric of a system. A bucket of a histogram has the label `le`; its count has none. */
export interface Sample {
  readonly name: StoredMetricName
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** The metrics that each server process measures itself. */
export const PROCESS_METRICS = {
  holdfast_http_request_duration_seconds: {
    type: 'histogram',
    labels: ['route', 'method', 'status'],
    help: 'Requests that this server answered, by route: webhooks with their refusals, the API, the codec.',
  },
  holdfast_build_info: { type: 'gauge', labels: ['build'], help: '1, with the build of this server.' },
} as const

/** The prefix of the metrics of Node itself (memory, event loop, garbage collection). */
export const NODE_PREFIX = 'holdfast_server_'
