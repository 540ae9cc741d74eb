import type { AlertFinding, AlertMessage, AlertName } from '../contracts/alerts.ts'
import { PROBLEMS, type ProblemName } from '../contracts/problems.ts'
import { problemText } from './problems.ts'

interface AlertText {
  readonly sentence: string
  readonly fix: string
}

type OwnText = (finding: AlertFinding, system: string) => AlertText

/** Alerts that no single signup has as its problem. */
const TABLE: Record<Exclude<AlertName, ProblemName>, OwnText> = {
  'temporal-unreachable': () => ({
    sentence: 'Temporal does not answer, so no event can be taken and no signup moves.',
    fix: 'Bring Temporal back, or correct TEMPORAL_ADDRESS. Auth0 sends what was refused again, and catch-up reads the rest.',
  }),
  'signups-missing': ({ about, count }, system) => ({
    sentence: `Auth0 knows ${people(count)} of tenant ${about ?? '-'} who signed up lately and whom no signup here knows.`,
    fix: `Look at the log stream: holdfast check ${system}. To start what is missing: holdfast catch-up ${system}`,
  }),
  'signups-silent': ({ count }, system) => ({
    sentence: `${people(count)} signed up a while ago, and their signups neither move nor say why: the workflow itself fails.`,
    fix: `Look at the last event of one in the Temporal UI (holdfast list ${system} --stage recording); a worker of another version is the usual cause: deploy the right one.`,
  }),
  'catch-up-behind': ({ about, detail }, system) => ({
    sentence: `The reading of Auth0's log of tenant ${about ?? '-'} is ${detail?.['lag'] ?? 'far'} behind.`,
    fix: `Read it now, and see what is in the way: holdfast catch-up ${system}`,
  }),
  'log-gap': ({ about, detail }, system) => ({
    sentence: `Auth0's log of tenant ${about ?? '-'} from ${detail?.['from'] ?? '?'} to ${detail?.['to'] ?? '?'} was gone before it was read.`,
    fix: `Whoever signed up then shows only in the users themselves: holdfast audit ${system}`,
  }),
  'gaps-found': ({ count, detail = {} }, system) => ({
    sentence: `The audit of everybody found gaps in the records of ${count}: ${Object.entries(detail)
      .map(([kind, found]) => `${kind} ${found}`)
      .join(', ')}.`,
    fix: `See who and why: holdfast audit ${system}. To repair them: holdfast backfill ${system} --fix`,
  }),
}

/** What an alert says. A problem that holds up many is told once, with how many, and is mended for all at once. */
export function alertText(finding: AlertFinding, system: string): AlertText {
  const { name, count, about, detail = {} } = finding
  if (!isProblem(name)) return TABLE[name](finding, system)
  const { sentence, fix } = problemText(name, { system, identity: '<id>', detail, many: name })
  const whose = about === undefined ? '' : ` (tenant ${about})`
  const held = count === 0 ? '' : ` ${signups(count)} held up: holdfast list ${system} --problem ${name}`
  return { sentence: `${sentence}${whose}`, fix: `${fix}${held}` }
}

/** The same for the same cause, so that it opens once. */
export function dedupKey(system: string, { name, about }: Pick<AlertFinding, 'name' | 'about'>): string {
  return ['holdfast', system, name, ...(about === undefined ? [] : [about])].join('/')
}

export function alertMessage(finding: AlertFinding, system: string): Omit<AlertMessage, 'state'> {
  const { name, since, count } = finding
  return { name, system, ...alertText(finding, system), since, count, dedupKey: dedupKey(system, finding) }
}

function isProblem(name: AlertName): name is ProblemName {
  return PROBLEMS.some((problem) => problem === name)
}

function people(count: number): string {
  return count === 1 ? '1 person' : `${count} people`
}

function signups(count: number): string {
  return count === 1 ? '1 signup is' : `${count} signups are`
}
