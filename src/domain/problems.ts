import { codeIndexText } from './atproto/code-index.ts'
import type { ProblemName } from '../contracts/problems.ts'
import type { ProblemDetail } from './outside-error.ts'
import { shellQuoted } from '../contracts/text/shell.ts'

/** The values that a sentence or a fix may use besides its detail. */
export interface ProblemContext {
  readonly system: string
  readonly identity: string
  readonly detail: ProblemDetail
  /** Set where the text addresses everybody who has this problem, not one person. */
  readonly many?: ProblemName
}

interface ProblemText {
  /** The reason why the signup is blocked. */
  readonly sentence: (context: ProblemContext) => string
  /** The action to take, with the command where there is one. */
  readonly fix: (context: ProblemContext) => string
  /** `refused`: waiting cannot change the answer, so the signup ends with this reason. */
  readonly ends?: 'refused'
}

const retryOne = ({ system, identity, many }: ProblemContext): string =>
  `holdfast retry ${system} ${many === undefined ? shellQuoted(identity) : `--problem ${many}`}`
const byItself = 'Retries are automatic'

const said = (before: string, detail: string | undefined): string =>
  detail === undefined ? '' : `${before}${detail}`

/** Every reason for which a signup may be blocked, in one place, for `status`, `list`, the Temporal UI and the page. */
const TABLE: Record<ProblemName, ProblemText> = {
  'mongo-unreachable': {
    sentence: () => 'MongoDB does not answer.',
    fix: () => `Bring MongoDB back, or correct MONGODB_URI. ${byItself}.`,
  },
  'mongo-throttled': {
    sentence: ({ detail }) =>
      `MongoDB throttles the operation ${detail['action'] ?? 'write'} on ${detail['collection'] ?? 'a collection'} (${detail['codeName'] ?? 'no code'}).`,
    fix: () =>
      `Raise the limit of the plan behind MONGODB_URI, or find what uses it up. ${byItself}, at growing intervals.`,
  },
  'mongo-slow': {
    sentence: ({ detail }) =>
      `MongoDB did not finish the operation ${detail['action'] ?? 'query'} on ${detail['collection'] ?? 'a collection'} within ${detail['limit'] ?? 'its time-out'}.`,
    fix: ({ detail }) =>
      (detail['field'] === undefined
        ? ''
        : `Create an index for it, in mongosh: db.${detail['collection'] ?? 'users'}.createIndex({ '${detail['field']}': 1 }, { sparse: true }). `) +
      `To see what keeps MongoDB busy, in mongosh: db.currentOp({ active: true, secs_running: { $gt: 5 } }); stop that operation, or run the command at a quieter time. ${byItself}.`,
  },
  'mongo-denied': {
    sentence: ({ detail }) =>
      `The MongoDB user of Holdfast lacks the privilege ${detail['action'] ?? 'write'} on ${detail['collection'] ?? 'the database'}.`,
    fix: ({ detail }) =>
      `Grant it: ${detail['grant'] ?? 'the readWrite role on MONGODB_DB to the user of MONGODB_URI'}. ${byItself}.`,
  },
  'mongo-refused': {
    sentence: ({ detail }) =>
      `MongoDB refused a write to ${detail['collection'] ?? 'a collection'} (${detail['codeName'] ?? 'no code'}).`,
    fix: (context) =>
      `Check the validators and indexes of that collection and correct them, then: ${retryOne(context)}`,
  },
  'index-not-equivalent': {
    sentence: ({ detail, system }) => codeIndexText(detail, system).sentence,
    fix: ({ detail, system }) => codeIndexText(detail, system).fix,
  },
  'index-refuses-user': {
    sentence: ({ detail }) =>
      `The unique index ${detail['index'] ?? 'on another field'} on users refuses this record: another user has the same ${detail['fields'] ?? 'value'}, or both lack it.`,
    fix: ({ detail }) =>
      `Exclude users without that field from the index (make it sparse or partial), or drop it, in mongosh: db.users.dropIndex('${detail['index'] ?? '<name>'}'). ${byItself}.`,
  },
  'code-not-text': {
    sentence: ({ detail }) =>
      `The user's code has the type ${detail['type'] ?? 'unknown'}; it must be a string. Holdfast does not overwrite it.`,
    fix: (context) =>
      `Correct it in the application, or remove it so that Holdfast generates a new one, in mongosh: db.users.updateOne({ _id: ${context.many === undefined ? JSON.stringify(context.identity) : "'<id>'"} }, { $unset: { code: '' } }); then: ${retryOne(context)}`,
  },
  'auth0-unreachable': {
    sentence: ({ detail }) => `Auth0 does not answer (${detail['answer'] ?? 'no connection'}).`,
    fix: () => `Check Auth0's status page and AUTH0_<TENANT>_DOMAIN. ${byItself}.`,
  },
  'auth0-rate-limited': {
    sentence: () => "Auth0's rate limit for the Management API is used up.",
    fix: () =>
      'No action needed: the step is retried when the limit resets. If this persists, another program uses up the limit.',
  },
  'auth0-denied': {
    sentence: ({ detail }) =>
      `Auth0 refuses the credentials of Holdfast, or they lack a scope (${detail['answer'] ?? 'denied'}).`,
    fix: () =>
      `Correct AUTH0_<TENANT>_CLIENT_ID and _CLIENT_SECRET, and grant that application the scopes read:users and read:logs of the Management API. ${byItself}.`,
  },
  'auth0-refused': {
    sentence: ({ detail }) =>
      `Auth0 refuses the id of this person (${detail['answer'] ?? 'HTTP 400'}): it issues no ids of this form.`,
    fix: ({ system, identity, many }) =>
      `Compare the id with the one Auth0 shows, and AUTH0_<TENANT>_ID_PREFIX with the prefix that the application adds. ` +
      (many === undefined
        ? `If no user at Auth0 has this id: holdfast delete ${system} ${shellQuoted(identity)} --force`
        : `To see which: holdfast list ${system} --problem ${many}`),
  },
  'auth0-log-unreadable': {
    sentence: ({ detail }) =>
      `Auth0's log returned ${detail['entries'] ?? 'a page of'} entries, none of them readable, without the Link header that names the next page. Catch-up stays at its position and skips nothing.`,
    fix: () =>
      `Make sure that no proxy between Holdfast and AUTH0_<TENANT>_DOMAIN removes the Link header from the responses of /api/v2/logs. ${byItself}.`,
  },
  'pds-unreachable': {
    sentence: () => 'The PDS does not answer.',
    fix: () => `Bring the PDS back, or correct PDS_URL. ${byItself}.`,
  },
  'pds-failing': {
    sentence: ({ detail }) => `The PDS fails with an internal error (${detail['answer'] ?? 'HTTP 500'}).`,
    fix: (context) =>
      `Look at the PDS's log. A taken-down account with this handle or e-mail address also causes this error. ` +
      `${byItself}; to retry now: ${retryOne(context)}`,
  },
  'pds-rate-limited': {
    sentence: () => "The PDS's rate limit is used up.",
    fix: () => 'No action needed: the step is retried when the limit resets.',
  },
  'pds-admin-refused': {
    sentence: () => 'The PDS refuses the admin password (PDS_ADMIN_PASSWORD).',
    fix: () => `Correct PDS_ADMIN_PASSWORD and restart the worker. ${byItself}.`,
  },
  'pds-domain-unsupported': {
    sentence: ({ detail }) =>
      `The PDS does not serve handles under ${detail['domain'] ?? 'PDS_HANDLE_DOMAIN'}.`,
    fix: () =>
      `Correct PDS_HANDLE_DOMAIN, or add the domain to the PDS's PDS_SERVICE_HANDLE_DOMAINS. ${byItself}.`,
  },
  'pds-invite-refused': {
    sentence: () => 'The PDS refused the invite code.',
    fix: (context) => `The next retry uses a new code; to retry now: ${retryOne(context)}`,
  },
  'pds-refused': {
    sentence: ({ detail }) =>
      `The PDS refuses to create the account (${detail['answer'] ?? 'no reason given'}).`,
    fix: (context) => `Holdfast does not know this answer. Fix its cause, then: ${retryOne(context)}`,
  },
  'pds-keys-unknown': {
    sentence: () =>
      "Holdfast cannot adopt this person's existing account yet: to compare the keys of its DID with those of the PDS, it has to log in to " +
      'any account on the PDS, but no stored password works.',
    fix: (context) =>
      'The signup continues automatically as soon as any signup has created an account. To skip adoption: unset HOLDFAST_ADOPT_BEFORE and restart ' +
      `the worker, then: ${retryOne(context)}`,
  },
  'plc-unreachable': {
    sentence: () => 'The PDS cannot reach the PLC directory, so no account can get a DID.',
    fix: () => `Check the PLC directory, and PDS_DID_PLC_URL of the PDS. ${byItself}.`,
  },
  'temporal-refused': {
    sentence: ({ detail }) =>
      `Temporal refuses a request of Holdfast (${detail['answer'] ?? 'no reason given'}).`,
    fix: (context) =>
      `To see what is missing: holdfast check ${context.system}. ${byItself}; to retry now: ${retryOne(context)}`,
  },
  'email-missing': {
    sentence: () => 'The person has no e-mail address at Auth0, and an account needs one.',
    fix: (context) => `Have an address added and verified at Auth0, then: ${retryOne(context)}`,
  },
  'email-taken': {
    sentence: () =>
      "An account on the PDS holds this e-mail address, and nothing proves that the account is this person's: Holdfast has no record of " +
      'creating it for them, and no stored password works for it.',
    fix: (context) =>
      `To see what is known: holdfast why ${context.system} ${shellQuoted(context.identity)}; accounts without an owner are listed by ` +
      `holdfast audit ${context.system}. Ask the owner of that account to change its address, or the person to change theirs at the provider; ` +
      `then: ${retryOne(context)}. Do not remove an account to free its address: its posts, follows and handle would be lost for good.`,
  },
  'email-unsupported': {
    sentence: () =>
      'The PDS never accepts this e-mail address: it is malformed, or belongs to a disposable-mail provider.',
    fix: ({ system, identity }) =>
      `Ask the person to change the address at the provider, then: holdfast signup ${system} ${shellQuoted(identity)}`,
    ends: 'refused',
  },
  'tenant-unknown': {
    sentence: () => 'No configured tenant owns this identity.',
    fix: () =>
      'Set AUTH0_<TENANT>_DOMAIN, _CLIENT_ID, _CLIENT_SECRET and _ID_PREFIX of its tenant and restart the worker.',
  },
  'deletion-under-way': {
    sentence: () => 'The deletion of the person who had this identity before is still running.',
    fix: () => 'No action needed: the signup continues when the deletion has completed.',
  },
  'rate-limit-lasting': {
    sentence: ({ detail }) =>
      `${detail['of'] ?? 'A dependency'} has rate-limited this step for more than a day (since ${detail['since'] ?? '?'}).`,
    fix: (context) =>
      `Find what else uses up the limit (at Auth0: in the tenant's logs), or raise it (at the PDS: PDS_RATE_LIMITS_ENABLED). ` +
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
  },
  paused: {
    sentence: ({ system, detail }) =>
      `Creations and repairs of ${system} are paused${said(', since ', detail['since'])}${said(', by ', detail['by'])}${said(': ', detail['reason'])}.`,
    fix: ({ system }) => `To resume: holdfast resume ${system}. All waiting signups then continue at once.`,
  },
  'deletions-paused': {
    sentence: ({ system, detail }) =>
      `Deletions of ${system} are paused${said(', since ', detail['since'])}${said(', by ', detail['by'])}${said(': ', detail['reason'])}.`,
    fix: ({ system }) =>
      `To resume: holdfast resume ${system} --deletions. All waiting deletions then continue at once.`,
  },
  'deletions-held': {
    sentence: ({ detail }) =>
      `The safety limit blocks this deletion: more than ${detail['limit'] ?? 'the allowed number of'} people would have been deleted within an hour. No data of this person has been deleted yet.`,
    fix: ({ system }) =>
      `Find out whether these people were deleted at the provider on purpose. If so: holdfast resume ${system} --deletions. ` +
      `If not, create them again there first, and then resume: Holdfast deletes no person whom the provider knows. HOLDFAST_DELETIONS_PER_HOUR sets the limit.`,
  },
  observing: {
    sentence: () =>
      'Holdfast only observes (HOLDFAST_MODE=observe): it writes to its own collections alone, so signups do not progress.',
    fix: ({ system }) =>
      `To allow writes, unset HOLDFAST_MODE and restart the worker. ${byItself}; to retry now: holdfast resume ${system}`,
  },
  'no-worker': {
    sentence: ({ system, detail }) =>
      `No worker polls ${detail['queue'] ?? `holdfast-${system}`}, so its signups do not progress.` +
      said(' No longer responding (hung or killed): worker ', detail['silent']),
    fix: ({ detail }) =>
      `${detail['silent'] === undefined ? '' : `Stop worker ${detail['silent']} if it hangs. `}Start a worker: npm run worker. Its signups then continue automatically.`,
  },
  'step-slow': {
    sentence: ({ detail }) => `The step ${detail['step'] ?? 'in progress'} times out.`,
    fix: (context) =>
      'The server that this step calls is too slow, or the worker dies during the step. Check the load of MongoDB (of the PDS, if ' +
      `the step is ensurePdsAccount), then the worker's log. ${byItself}; to retry now: ${retryOne(context)}`,
  },
  unexpected: {
    sentence: ({ detail }) =>
      `A step failed with an error that Holdfast does not know (${detail['answer'] ?? 'see its history'}).`,
    fix: (context) => `Read the failure in the Temporal UI, then: ${retryOne(context)}`,
  },
}

export function problemText(name: ProblemName, context: ProblemContext): { sentence: string; fix: string } {
  const { sentence, fix } = TABLE[name]
  return { sentence: sentence(context), fix: fix(context) }
}

/** Whether a problem ends the signup, because no waiting will change the answer. */
export function endsSignup(name: ProblemName): boolean {
  return TABLE[name].ends !== undefined
}
