import { problemNames, type ProblemName } from './problems.ts'
import type { Severity } from './severity.ts'
import type { System } from './systems.ts'
import { namesIn, type NameIn } from './vocabulary.ts'

/** Alerts that are sent in addition to those for problems. The names are stable, as those of problems are. */
export type OwnAlertName = NameIn<'alerts'>
export type AlertName = ProblemName | OwnAlertName

/** The alerts of one system, or of all systems, those for problems left out. */
export function ownAlertNames(system?: System): OwnAlertName[] {
  return namesIn('alerts', system) as OwnAlertName[]
}

export function alertNames(system?: System): AlertName[] {
  return [...problemNames(system), ...ownAlertNames(system)]
}

/** A finding that the person on call has to know now. A finding with the same name and `about` is the same alert. */
export interface AlertFinding {
  readonly name: AlertName
  /** The part of the system it concerns, where there are several: for example the tenant. */
  readonly about?: string
  /** Number of signups it concerns; 0 where it is not about signups. */
  readonly count: number
  /** Since when, ISO 8601: the first failure, not when it was noticed. */
  readonly since: string
  readonly detail?: Readonly<Record<string, string>>
  /** People it concerns, by keyed hash; up to ten are shown. */
  readonly people?: readonly string[]
  /** Its consequences that were found as well, which are no alerts of their own. */
  readonly consequences?: readonly AlertFinding[]
}

/** The type of the run at Temporal that stands for an alert while the database cannot store it. */
export const UNSTORED_ALERT_TYPE = 'unstoredAlert'
/** An alert that is still not stored after this time is sent again. */
export const UNSTORED_ALERT_TIME = '6h'

/** `raised`: the alert is open already, and its severity has risen. */
export type AlertState = 'opened' | 'raised' | 'repeated' | 'closed'

/** A message to an alert channel. The shape is stable; nothing in it is personal. */
export interface AlertMessage {
  readonly name: AlertName
  readonly system: string
  readonly state: AlertState
  readonly severity: Severity
  /** One line for a subject or a headline. */
  readonly title: string
  readonly sentence: string
  readonly fix: string
  /** ISO 8601. */
  readonly since: string
  readonly count: number
  /** Sentences on its consequences that were found as well. */
  readonly consequences: readonly string[]
  /** Up to ten of the people it concerns, by the keyed hash of their identity. */
  readonly people: readonly string[]
  /** The same for all messages of one alert; pagers deduplicate by it. */
  readonly dedupKey: string
}

/** One alert as `holdfast alerts` shows it. Times are ISO 8601. */
export interface AlertRecord extends Omit<AlertMessage, 'state'> {
  readonly open: boolean
  readonly openedAt: string
  readonly lastSeen: string
  readonly closedAt: string | null
  /** Messages that a channel has not accepted yet, and the last error of one of its channels. */
  readonly undelivered: number
  readonly undeliveredBecause: string | null
}
