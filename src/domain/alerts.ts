import type { AlertFinding, AlertMessage } from '../contracts/alerts.ts'
import { isProblemName, type ProblemName } from '../contracts/problems.ts'
import { counted } from '../contracts/text/counted.ts'
import { wordOf } from '../contracts/vocabulary.ts'
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

export function alertMessage(finding: AlertFinding, system: string): Omit<AlertMessage, 'state'> {
  const { name, since, count } = finding
  return { name, system, ...alertText(finding, system), since, count, dedupKey: dedupKey(system, finding) }
}

function countedRuns(name: ProblemName, system: string, count: number): string {
  const what = wordOf('problems', system, name).blocks ?? 'signup'
  return counted(count, `${what} is`, `${what}s are`)
}
