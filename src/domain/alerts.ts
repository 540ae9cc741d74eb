import type { AlertFinding, AlertMessage, AlertName } from '../contracts/alerts.ts'
import { isProblemName, type ProblemName } from '../contracts/problems.ts'
import { notAdoptedText } from './not-adopted.ts'
import { problemText } from './problems.ts'
import { quarantineFix, quarantineText } from './events/quarantine.ts'
import { counted, countedPeople } from '../contracts/text/counted.ts'

interface AlertText {
  readonly sentence: string
  readonly fix: string
}

type AlertTextOf = (finding: AlertFinding, system: string) => AlertText

/** Alerts that are not the problem of a single signup. */
const TABLE: Record<Exclude<AlertName, ProblemName>, AlertTextOf> = {
  'temporal-unreachable': () => ({
    sentence: 'Temporal does not answer, so events cannot be accepted and signups do not progress.',
    fix: 'Bring Temporal back, or correct TEMPORAL_ADDRESS. Auth0 resends the refused events, and catch-up reads the rest.',
  }),
  'watch-failing': ({ about, detail }, system) => ({
    sentence: `The check "${about ?? '-'}" of the workflow watch fails: ${detail?.['cause'] ?? 'no cause was given.'}`,
    fix: `Fix that cause. The other checks still run, and this alert closes when the check succeeds. To see what else is wrong: holdfast check ${system}`,
  }),
  'watch-late': ({ detail = {} }, system) => ({
    sentence: `The workflow watch, which raises most alerts, has not completed for 15 minutes: ${WATCH_LATE[detail['because'] ?? ''] ?? 'the reason is not known'}.`,
    fix: watchLateFix(detail['because'], system),
  }),
  'worker-silent': ({ detail = {} }, system) => ({
    sentence: `The worker ${detail['silent'] ?? 'of one process'} sends no heartbeat and takes no work, although it was not stopped: it hangs or was killed. The other workers continue.`,
    fix: `Stop that process and start it again. To list all workers: holdfast workers ${system}`,
  }),
  'signups-missing': ({ about, count }, system) => ({
    sentence: `Auth0 lists ${countedPeople(count)} of tenant ${about ?? '-'} who signed up recently and have no signup in Holdfast.`,
    fix: `Check the log stream: holdfast check ${system}. To start the missing signups: holdfast catch-up ${system}`,
  }),
  'signups-stalled': ({ count }, system) => ({
    sentence: `${countedPeople(count)} signed up, and their signups neither progress nor report a problem: their workflow tasks fail, or no worker takes them.`,
    fix: `Look at the last event of one of them in the Temporal UI (to list them: holdfast list ${system} --stage recording). ${OTHER_VERSION}`,
  }),
  'workflows-failing': ({ detail = {} }) => ({
    sentence: `Workflows neither progress nor report a problem: their workflow tasks fail, or no worker takes them (${detail['types'] ?? 'of some type'}).`,
    fix: `Look at the last event of one of them in the Temporal UI (WorkflowType = '${detail['types']?.split(' ')[0] ?? 'deleteUser'}' AND ExecutionStatus = 'Running'). ${OTHER_VERSION}`,
  }),
  'events-quarantined': ({ count, detail = {} }, system) => {
    const reasons = Object.entries(detail).map(([reason, times]) => [reason, Number(times)])
    return {
      sentence: `${quarantineText(count, Object.fromEntries(reasons))}.`,
      fix: quarantineFix(system),
    }
  },
  'catch-up-behind': ({ about, detail }, system) => ({
    sentence: `Catch-up is ${detail?.['lag'] ?? 'far'} behind in Auth0's log of tenant ${about ?? '-'}.`,
    fix: `To read the log now and see what prevents it: holdfast catch-up ${system}`,
  }),
  'log-gap': ({ about, detail }, system) => ({
    sentence: `Auth0's log of tenant ${about ?? '-'} from ${detail?.['from'] ?? '?'} to ${detail?.['to'] ?? '?'} was deleted before catch-up read it.`,
    fix: `Signups of that time can be found only by comparing all users: holdfast audit ${system}`,
  }),
  'tokens-refused': ({ about, detail, since }, system) => ({
    sentence: `The webhook of tenant ${about ?? '-'} has refused ${detail?.['refused'] ?? 'many'} requests because of a wrong token since ${since}.`,
    fix: `If Auth0 sends them, the log stream and the server have different tokens: holdfast check ${system}. If not, a third party is guessing tokens: block the sender at your proxy, and replace the token if it may be known.`,
  }),
  'account-not-adopted': ({ count, detail }, system) =>
    notAdoptedText(system, { count, ...(detail?.['did'] === undefined ? {} : { did: detail['did'] }) }),
  'records-lost': ({ detail = {} }, system) => ({
    sentence: `Many records disappeared within a day, not counting deletions: ${Object.entries(detail)
      .map(([store, counts]) => `${store} ${counts}`)
      .join(', ')}.`,
    fix: `Find out what removed them (a dropped or restored collection, a migration) and stop it. To see what is missing for whom: holdfast audit ${system}. To restore the records: holdfast backfill ${system} --fix --max-changes <n>`,
  }),
  'gaps-found': ({ count, detail = {} }, system) => ({
    sentence: `The audit of all people found gaps in the records of ${count}: ${Object.entries(detail)
      .map(([kind, found]) => `${kind} ${found}`)
      .join(', ')}.`,
    fix: `To see whose and why: holdfast audit ${system}. To repair them: holdfast backfill ${system} --fix`,
  }),
}

const OTHER_VERSION = 'The usual cause is a worker of another version: deploy the right one.'

const WATCH_LATE: Readonly<Record<string, string>> = {
  'no-schedule': 'its schedule does not exist',
  paused: 'its schedule is paused',
  running: 'a run of it does not complete',
  failed: 'its last run failed',
}

function watchLateFix(because: string | undefined, system: string): string {
  if (because === 'no-schedule') return `Create it: holdfast schedules ${system} apply`
  if (because === 'paused')
    return `Unpause it: temporal schedule toggle --schedule-id ${system}-watch --unpause --reason 'watch-late'`
  return (
    `Look at the last run in the Temporal UI (WorkflowType = 'watch'); the usual cause is a worker of another version. ` +
    `Then: temporal schedule trigger --schedule-id ${system}-watch`
  )
}

/**
 * The text of an alert. A problem that blocks many people is reported once, with their number, and fixed for all of
 * them together.
 */
export function alertText(finding: AlertFinding, system: string): AlertText {
  const { name, count, about, detail = {} } = finding
  if (!isProblemName(name)) return TABLE[name](finding, system)
  const { sentence, fix } = problemText(name, { system, identity: '<id>', detail, many: name })
  const whose = about === undefined ? '' : ` (tenant ${about})`
  const held =
    count === 0 ? '' : ` ${countedRuns(name, count)} blocked: holdfast list ${system} --problem ${name}`
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

function countedRuns(name: ProblemName, count: number): string {
  const what = name.startsWith('deletions-') ? 'deletion' : 'signup'
  return counted(count, `${what} is`, `${what}s are`)
}
