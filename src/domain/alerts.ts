import type { AlertFinding, AlertMessage, AlertName } from '../contracts/alerts.ts'
import { isProblemName, type ProblemName } from '../contracts/problems.ts'
import { counted } from '../contracts/text/counted.ts'
import { raised, type Severity } from '../contracts/severity.ts'
import { findWord, wordOf } from '../contracts/vocabulary.ts'
import type { OperatorText } from '../contracts/words.ts'
import { problemText } from './problems.ts'

/**
 * The text of an alert. A problem that blocks many people is reported once, with their number, and fixed for all of
 * them together.
 */
export function alertText(finding: AlertFinding, system: string): OperatorText {
  const { name, count, about, detail = {} } = finding
  if (!isProblemName(name)) return wordOf('alerts', system, name).text(finding, system)
  const { sentence, fix } = problemText(name, { system, identity: '<id>', detail, many: name })
  const whose = about === undefined ? '' : ` (tenant ${about})`
  const held =
    count === 0
      ? ''
      : ` ${countedRuns(name, system, count)} blocked: holdfast list ${system} --problem ${name}`
  const stop = held === '' || fix.endsWith('.') ? '' : '.' // a fix may end with a command
  return { sentence: `${sentence}${whose}`, fix: `${fix}${stop}${held}` }
}

/** The same for the same cause, so that an alert opens once. */
export function dedupKey(system: string, { name, about }: Pick<AlertFinding, 'name' | 'about'>): string {
  return ['holdfast', system, name, ...(about === undefined ? [] : [about])].join('/')
}

/** The severity of an alert that has just begun. */
export function severityOf(name: AlertName, system: string): Severity {
  if (isProblemName(name)) return wordOf('problems', system, name).severity ?? 'warning'
  return wordOf('alerts', system, name).severity
}

export interface AlertAge {
  /** Since when the cause exists, ISO 8601; that of the finding where an alert is not open yet. */
  readonly since?: string
  /** A problem that lasts longer is one severity higher. */
  readonly raiseAfterMs: number
  readonly now: Date
}

/** The message of an alert, without its state. A lasting problem raises the severity by one. */
export function alertMessage(
  finding: AlertFinding,
  system: string,
  { since = finding.since, raiseAfterMs, now }: AlertAge,
): Omit<AlertMessage, 'state'> {
  const { name, count, people = [], consequences = [] } = finding
  const lasts = isProblemName(name) && now.getTime() - Date.parse(since) > raiseAfterMs
  const severity = lasts ? raised(severityOf(name, system)) : severityOf(name, system)
  return {
    name,
    system,
    severity,
    title: titleOf(finding, system, severity),
    ...alertText(finding, system),
    since,
    count,
    consequences: consequences.map((one) => `${one.name}: ${alertText(one, system).sentence}`),
    people: people.slice(0, MOST_PEOPLE),
    dedupKey: dedupKey(system, finding),
  }
}

const MOST_PEOPLE = 10

/** `Critical: no-worker in atproto`. */
function titleOf({ name, about }: AlertFinding, system: string, severity: Severity): string {
  const whose = about === undefined ? '' : ` (${about})`
  return `${severity[0]?.toUpperCase()}${severity.slice(1)}: ${name} in ${system}${whose}`
}

type Cause<F> = Pick<AlertFinding, 'name' | 'about'> & { readonly consequences?: readonly F[] }

/**
 * Merges each consequence into its cause, where both were found: what remains are the causes, each with all of its
 * consequences, those of its consequences included. A finding about one tenant is a consequence only of a cause about
 * the same tenant, or about all of them.
 */
export function mergeConsequences<F extends Cause<F>>(
  findings: readonly F[],
  system: string,
): (F & { readonly consequences: readonly F[] })[] {
  const follow = (cause: F): readonly F[] => {
    const names = consequencesOf(cause.name, system)
    return findings.filter(
      (one) => names.includes(one.name) && (cause.about === undefined || cause.about === one.about),
    )
  }
  const allOf = (cause: F, all = new Set<F>(cause.consequences)): Set<F> => {
    for (const next of follow(cause)) if (!all.has(next)) allOf(next, all.add(next))
    return all
  }
  const merged = new Set(findings.flatMap(follow))
  return findings
    .filter((finding) => !merged.has(finding))
    .map((cause) => ({ ...cause, consequences: [...allOf(cause)] }))
}

function consequencesOf(name: AlertName, system: string): readonly string[] {
  return findWord(isProblemName(name) ? 'problems' : 'alerts', system, name)?.consequences ?? []
}

function countedRuns(name: ProblemName, system: string, count: number): string {
  const what = wordOf('problems', system, name).blocks ?? 'signup'
  return counted(count, `${what} is`, `${what}s are`)
}
