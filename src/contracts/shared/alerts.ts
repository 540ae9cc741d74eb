import { countedPeople } from '../text/counted.ts'
import type { AlertWord } from '../words.ts'
import { otherVersion, said } from './phrases.ts'
import { quarantineFix, quarantineText } from './quarantine.ts'

/** Alerts of every system. Their texts name no server of a single system. */
export const SHARED_ALERTS = {
  'temporal-unreachable': {
    text: () => ({
      sentence: 'Temporal does not answer, so events cannot be accepted and signups do not progress.',
      fix: 'Bring Temporal back, or correct TEMPORAL_ADDRESS. Catch-up then reads the events that were refused.',
    }),
    severity: 'critical',
    consequences: ['no-worker', 'worker-silent', 'watch-late'],
    raisedBy: 'other',
  },
  'watch-failing': {
    text: ({ about, detail }, system) => ({
      sentence: `The check "${about ?? '-'}" of the workflow watch fails: ${detail?.['cause'] ?? 'no cause was given.'}`,
      fix: `Fix that cause. The other checks still run, and this alert closes when the check succeeds. To see what else is wrong: holdfast check ${system}`,
    }),
    severity: 'warning',
    raisedBy: 'watch',
  },
  'watch-late': {
    text: ({ detail = {} }, system) => ({
      sentence: `The workflow watch, which raises most alerts, has not completed for 15 minutes: ${WATCH_LATE[detail['because'] ?? ''] ?? 'the reason is not known'}.`,
      fix: watchLateFix(detail['because'], system),
    }),
    severity: 'high',
    raisedBy: 'other',
  },
  'worker-silent': {
    text: ({ detail = {} }, system) => ({
      sentence: `The worker ${detail['silent'] ?? 'of one process'} sends no heartbeat and takes no work, although it was not stopped: it hangs or was killed. The other workers continue.`,
      fix: `Stop that process and start it again. To list all workers: holdfast workers ${system}`,
    }),
    severity: 'warning',
    raisedBy: 'other',
  },
  'signups-missing': {
    text: ({ count }, system) => ({
      sentence: `The provider lists ${countedPeople(count)} who signed up recently and have no signup in Holdfast.`,
      fix: `Check how its events are delivered: holdfast check ${system}. To start the missing signups: holdfast catch-up ${system}`,
    }),
    severity: 'high',
    raisedBy: 'inspection',
  },
  'signups-stalled': {
    text: ({ count }, system) => ({
      sentence: `${countedPeople(count)} signed up, and their signups neither progress nor report a problem: their workflow tasks fail, or no worker takes them.`,
      fix: `Look at the last event of one of them in the Temporal UI (to list them: holdfast list ${system}). ${otherVersion}`,
    }),
    severity: 'high',
    raisedBy: 'inspection',
  },
  'workflows-failing': {
    text: ({ detail = {} }) => ({
      sentence: `Workflows neither progress nor report a problem: their workflow tasks fail, or no worker takes them (${detail['types'] ?? 'of some type'}).`,
      fix: `Look at the last event of one of them in the Temporal UI (WorkflowType = '${detail['types']?.split(' ')[0] ?? 'deleteUser'}' AND ExecutionStatus = 'Running'). ${otherVersion}`,
    }),
    severity: 'warning',
    raisedBy: 'inspection',
  },
  'events-quarantined': {
    text: ({ count, detail = {} }, system) => {
      const reasons = Object.entries(detail).map(([reason, times]) => [reason, Number(times)])
      return {
        sentence: `${quarantineText(count, Object.fromEntries(reasons))}.`,
        fix: quarantineFix(system),
      }
    },
    severity: 'warning',
    raisedBy: 'inspection',
  },
  'catch-up-behind': {
    text: ({ detail }, system) => ({
      sentence: `Catch-up is ${detail?.['lag'] ?? 'far'} behind the provider.`,
      fix: `To read its events now and see what prevents it: holdfast catch-up ${system}`,
    }),
    severity: 'high',
    raisedBy: 'inspection',
  },
  'log-gap': {
    text: ({ about, detail }, system) => ({
      sentence: `The provider deleted its events${said(' of tenant ', about)} from ${detail?.['from'] ?? '?'} to ${detail?.['to'] ?? '?'} before catch-up read them.`,
      fix: `Signups of that time can be found only by comparing all people: holdfast audit ${system}`,
    }),
    severity: 'high',
    raisedBy: 'inspection',
  },
  'tokens-refused': {
    text: ({ about, detail, since }, system) => ({
      sentence: `The webhook${said(' of tenant ', about)} has refused ${detail?.['refused'] ?? 'many'} requests because of a wrong token since ${since}.`,
      fix: `If the provider sends them, it and the server have different tokens: holdfast check ${system}. If not, a third party is guessing tokens: block the sender at your proxy, and replace the token if it may be known.`,
    }),
    severity: 'high',
    raisedBy: 'other',
  },
  'records-lost': {
    text: ({ detail = {} }, system) => ({
      sentence: `Many records disappeared within a day, not counting deletions: ${Object.entries(detail)
        .map(([store, counts]) => `${store} ${counts}`)
        .join(', ')}.`,
      fix: `Find out what removed them (a dropped or restored collection, a migration) and stop it. To see what is missing for whom: holdfast audit ${system}. To restore the records: holdfast backfill ${system} --fix --max-changes <n>`,
    }),
    severity: 'critical',
    raisedBy: 'other',
  },
  'test-alert': {
    text: () => ({
      sentence: 'This alert tests a channel of alerts. Nothing is wrong.',
      fix: 'No action needed: it is closed at once.',
    }),
    severity: 'warning',
    raisedBy: 'other',
  },
  'gaps-found': {
    text: ({ count, detail = {} }, system) => ({
      sentence: `The audit of all people found gaps in the records of ${count}: ${Object.entries(detail)
        .map(([kind, found]) => `${kind} ${found}`)
        .join(', ')}.`,
      fix: `To see whose and why: holdfast audit ${system}. To repair them: holdfast backfill ${system} --fix`,
    }),
    severity: 'warning',
    raisedBy: 'other',
  },
} as const satisfies Readonly<Record<string, AlertWord>>

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
