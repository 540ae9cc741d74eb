import { PROBLEMS, type ProblemName } from './problems.ts'

/** What is told to whoever is on call besides the problems themselves. Names are stable, as those of problems are. */
export const OWN_ALERTS = [
  'temporal-unreachable',
  'signups-missing',
  'signups-silent',
  'catch-up-behind',
  'log-gap',
  'gaps-found',
] as const
export type AlertName = ProblemName | (typeof OWN_ALERTS)[number]
export const ALERTS: readonly AlertName[] = [...PROBLEMS, ...OWN_ALERTS]

/** Something somebody has to know now. The same name and `about` again is the same alert. */
export interface AlertFinding {
  readonly name: AlertName
  /** Which tenant, say, where there are several. */
  readonly about?: string
  /** How many signups it concerns; 0 where it is not about signups. */
  readonly count: number
  /** Since when, ISO 8601: the first failure, not when it was noticed. */
  readonly since: string
  readonly detail?: Readonly<Record<string, string>>
}

export type AlertState = 'opened' | 'repeated' | 'closed'

/** What a channel is told. The shape is stable; nothing in it is personal. */
export interface AlertMessage {
  readonly name: AlertName
  readonly system: string
  readonly state: AlertState
  readonly sentence: string
  readonly fix: string
  /** ISO 8601. */
  readonly since: string
  readonly count: number
  /** The same for all messages of one alert: what a pager deduplicates by. */
  readonly dedupKey: string
}

/** One alert as `holdfast alerts` shows it. Times are ISO 8601. */
export interface AlertRecord extends Omit<AlertMessage, 'state'> {
  readonly open: boolean
  readonly openedAt: string
  readonly lastSeen: string
  readonly closedAt: string | null
  /** Messages its channel has not taken yet, and what it said last. */
  readonly undelivered: number
  readonly undeliveredBecause: string | null
}
