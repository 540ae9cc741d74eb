import type { AlertMessage, AlertState } from '../../contracts/alerts.ts'
import { counted } from '../../contracts/text/counted.ts'
import { problemPage } from '../../domain/text/problem-page.ts'

/** The parts of one alert in a message for people. */
export interface AlertParts {
  /** `Opened. Critical: no-worker in atproto`. */
  readonly title: string
  /** The finding and its consequences, a sentence each. */
  readonly sentences: readonly string[]
  /** Since when, how many and who. */
  readonly facts: string
  /** Null for an alert that is closed. */
  readonly fix: string | null
  readonly more: string
}

const STATES: Readonly<Record<AlertState, string>> = {
  opened: 'Opened',
  raised: 'Severity raised',
  repeated: 'Still open',
  closed: 'Closed',
}

export function partsOf(message: AlertMessage, docsUrl: string): AlertParts {
  const { state, title, sentence, consequences, since, count, people, fix, name } = message
  return {
    title: `${STATES[state]}. ${title}`,
    sentences: state === 'closed' ? [] : [sentence, ...consequences],
    facts: [
      state === 'closed' ? `It was open since ${since}.` : `Since ${since}.`,
      ...(count === 0 || state === 'closed' ? [] : [`Count: ${count}.`]),
      ...(people.length === 0 || state === 'closed' ? [] : [`People: ${people.join(', ')}.`]),
    ].join(' '),
    fix: state === 'closed' ? null : fix,
    more: problemPage(name, docsUrl),
  }
}

/** One line for several messages: that of the only one, or their number by severity. */
export function headlineOf(messages: readonly AlertMessage[]): string {
  const [first] = messages
  if (first !== undefined && messages.length === 1) return `${STATES[first.state]}. ${first.title}`
  const closed = messages.filter(({ state }) => state === 'closed').length
  const open = messages.length - closed
  return [
    ...(open === 0 ? [] : [`${counted(open, 'alert')}: ${names(messages, (state) => state !== 'closed')}`]),
    ...(closed === 0 ? [] : [`${closed} closed: ${names(messages, (state) => state === 'closed')}`]),
  ].join('; ')
}

function names(messages: readonly AlertMessage[], which: (state: AlertState) => boolean): string {
  return [...new Set(messages.filter(({ state }) => which(state)).map(({ name }) => name))].join(', ')
}
