import { shellQuoted } from '../text/shell.ts'
import type { ProblemWord } from '../words.ts'
import { byItself, retryOne, said } from './phrases.ts'

/** Problems that a signup of any system may have. Their texts name no server of a single system. */
export const SHARED_PROBLEMS = {
  'temporal-refused': {
    sentence: ({ detail }) =>
      `Temporal refuses a request of Holdfast (${detail['answer'] ?? 'no reason given'}).`,
    fix: (context) =>
      `To see what is missing: holdfast check ${context.system}. ${byItself}; to retry now: ${retryOne(context)}`,
    quickTry: true,
  },
  'deletion-under-way': {
    sentence: () => 'The deletion of the person who had this identity before is still running.',
    fix: () => 'No action needed: the signup continues when the deletion has completed.',
  },
  'rate-limit-lasting': {
    sentence: ({ detail }) =>
      `${detail['of'] ?? 'A dependency'} has rate-limited this step for more than a day (since ${detail['since'] ?? '?'}).`,
    fix: (context) =>
      'Find what else uses up the limit, or raise it. ' +
      `Holdfast retries every hour; to retry now: ${retryOne(context)}`,
  },
  'seal-broken': {
    sentence: ({ detail }) =>
      `An encrypted value of this person cannot be decrypted (${detail['reason'] ?? 'unknown key'}).`,
    fix: (context) =>
      `Add the key it was encrypted with to HOLDFAST_KEY, after the first one, and restart the worker, then: ${retryOne(context)}`,
  },
  'repairs-held': {
    sentence: ({ detail }) =>
      `Records that Holdfast created were lost${said(' (', detail['records'])}${detail['records'] === undefined ? '' : ')'} for more people ` +
      'within an hour than the limit of automatic repairs, so automatic repairs are stopped. New signups continue.',
    fix: ({ system, identity, many }) =>
      'Find out what removed the records, and stop it. To see ' +
      (many === undefined
        ? `what this person lost: holdfast why ${system} ${shellQuoted(identity)}`
        : `what is missing for whom: holdfast audit ${system}`) +
      `. To restore the records: holdfast backfill ${system}${many === undefined ? ` --id ${shellQuoted(identity)}` : ''} --fix`,
    alertedAtOnce: true,
    severity: 'high',
  },
  paused: {
    sentence: ({ system, detail }) =>
      `Creations and repairs of ${system} are paused${said(', since ', detail['since'])}${said(', by ', detail['by'])}${said(': ', detail['reason'])}.`,
    fix: ({ system }) => `To resume: holdfast resume ${system}. All waiting signups then continue at once.`,
    retry: false,
  },
  'deletions-paused': {
    sentence: ({ system, detail }) =>
      `Deletions of ${system} are paused${said(', since ', detail['since'])}${said(', by ', detail['by'])}${said(': ', detail['reason'])}.`,
    fix: ({ system }) =>
      `To resume: holdfast resume ${system} --deletions. All waiting deletions then continue at once.`,
    blocks: 'deletion',
  },
  'deletions-held': {
    sentence: ({ detail }) =>
      `The safety limit blocks this deletion: more than ${detail['limit'] ?? 'the allowed number of'} people would have been deleted within an hour. No data of this person has been deleted yet.`,
    fix: ({ system }) =>
      `Find out whether these people were deleted at the provider on purpose. If so: holdfast resume ${system} --deletions. ` +
      `If not, create them again there first, and then resume: Holdfast deletes no person whom the provider knows. HOLDFAST_DELETIONS_PER_HOUR sets the limit.`,
    alertedAtOnce: true,
    blocks: 'deletion',
    severity: 'high',
  },
  observing: {
    sentence: () =>
      'Holdfast only observes (HOLDFAST_MODE=observe): it writes its own data alone, so signups do not progress.',
    fix: ({ system }) =>
      `To allow writes, unset HOLDFAST_MODE and restart the worker. ${byItself}; to retry now: holdfast resume ${system}`,
    retry: false,
  },
  'no-worker': {
    sentence: ({ system, detail }) =>
      `No worker polls ${detail['queue'] ?? `holdfast-${system}`}, so its signups do not progress.` +
      said(' No longer responding (hung or killed): worker ', detail['silent']),
    fix: ({ detail }) =>
      `${detail['silent'] === undefined ? '' : `Stop worker ${detail['silent']} if it hangs. `}Start a worker: npm run worker. Its signups then continue automatically.`,
    retry: false,
    severity: 'critical',
    consequences: ['worker-silent', 'watch-late'],
  },
  'step-slow': {
    sentence: ({ detail }) => `The step ${detail['step'] ?? 'in progress'} times out.`,
    fix: (context) =>
      'The server that this step calls is too slow, or the worker dies during the step. Check the load of that server, ' +
      `then the worker's log. ${byItself}; to retry now: ${retryOne(context)}`,
  },
  unexpected: {
    sentence: ({ detail }) =>
      `A step failed with an error that Holdfast does not know (${detail['answer'] ?? 'see its history'}).`,
    fix: (context) => `Read the failure in the Temporal UI, then: ${retryOne(context)}`,
  },
} as const satisfies Readonly<Record<string, ProblemWord>>
