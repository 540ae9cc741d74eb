import type { ProblemName } from '../contracts/problems.ts'
import type { ProblemDetail } from './outside-error.ts'
import { shellQuoted } from './shell.ts'

/** What a sentence or a fix may speak of besides its detail. */
export interface ProblemContext {
  readonly system: string
  readonly identity: string
  readonly detail: ProblemDetail
  /** Set where it is told of everybody who has this problem, not of one. */
  readonly many?: ProblemName
}

interface ProblemText {
  /** Why it does not move. */
  readonly sentence: (context: ProblemContext) => string
  /** What to do, with the command where there is one. */
  readonly fix: (context: ProblemContext) => string
  /** `refused`: no waiting will change the answer, so the signup ends, explained. */
  readonly ends?: 'refused'
}

const retryOne = ({ system, identity, many }: ProblemContext): string =>
  `holdfast retry ${system} ${many === undefined ? shellQuoted(identity) : `--problem ${many}`}`
const byItself = 'Nothing to do for the signup: it goes on by itself when this is mended'

const said = (before: string, detail: string | undefined): string =>
  detail === undefined ? '' : `${before}${detail}`

const CREATE_INDEX = 'db.users.createIndex({ code: 1 }, { unique: true, sparse: true })'

/** Every reason a signup may stand still, in one place: `status`, `list`, the Temporal UI and the page read it. */
const TABLE: Record<ProblemName, ProblemText> = {
  'mongo-unreachable': {
    sentence: () => 'MongoDB does not answer.',
    fix: () => `Bring MongoDB back, or correct MONGODB_URI. ${byItself}.`,
  },
  'mongo-throttled': {
    sentence: ({ detail }) =>
      `MongoDB throttles our ${detail['action'] ?? 'write'} in ${detail['collection'] ?? 'a collection'} (${detail['codeName'] ?? 'no code'}).`,
    fix: () =>
      `Raise the limit of the plan that MONGODB_URI names, or find who uses it up. ${byItself}; until then it is tried less and less often.`,
  },
  'mongo-denied': {
    sentence: ({ detail }) =>
      `MongoDB does not let our role ${detail['action'] ?? 'write'} in ${detail['collection'] ?? 'the database'}.`,
    fix: ({ detail }) =>
      `Grant it: ${detail['grant'] ?? 'the readWrite role on MONGODB_DB to the user of MONGODB_URI'}. ${byItself}.`,
  },
  'mongo-refused': {
    sentence: ({ detail }) =>
      `MongoDB refused the write (${detail['codeName'] ?? 'no code'}), in ${detail['collection'] ?? 'a collection'}.`,
    fix: (context) =>
      `Look at validators and indexes of that collection, mend them, then: ${retryOne(context)}`,
  },
  'index-not-equivalent': {
    sentence: ({ detail }) =>
      detail['duplicates'] === undefined
        ? `The index ${detail['index'] ?? 'there is'} on users.code is not ${detail['lacks'] ?? 'unique and sparse'}, so it does not keep user codes apart.`
        : 'No index on users.code keeps user codes apart, and none can be made: some users share a code.',
    fix: ({ detail }) =>
      detail['duplicates'] === undefined
        ? `Look for duplicate codes first, then in mongosh: db.users.dropIndex('${detail['index'] ?? 'code_1'}'); ${CREATE_INDEX}`
        : `Give each of them a code of its own, then in mongosh: ${CREATE_INDEX}`,
  },
  'auth0-unreachable': {
    sentence: ({ detail }) => `Auth0 does not answer (${detail['answer'] ?? 'no connection'}).`,
    fix: () => `Look at Auth0's status page and at AUTH0_<TENANT>_DOMAIN. ${byItself}.`,
  },
  'auth0-rate-limited': {
    sentence: () => "Auth0's rate limit for the Management API is used up.",
    fix: () =>
      'Nothing to do: it goes on when Auth0 says so. If it lasts, another program uses up the limit.',
  },
  'auth0-denied': {
    sentence: ({ detail }) =>
      `Auth0 refuses our credentials or their scopes (${detail['answer'] ?? 'denied'}).`,
    fix: () =>
      `Correct AUTH0_<TENANT>_CLIENT_ID and _CLIENT_SECRET, and grant that application read:users and read:logs on the Management API. ${byItself}.`,
  },
  'pds-unreachable': {
    sentence: () => 'The PDS does not answer.',
    fix: () => `Bring the PDS back, or correct PDS_URL. ${byItself}.`,
  },
  'pds-failing': {
    sentence: ({ detail }) => `The PDS fails with an error of its own (${detail['answer'] ?? 'HTTP 500'}).`,
    fix: (context) =>
      `Look at the PDS's log. An account that was taken down and holds this handle or e-mail also answers like this. ` +
      `It is tried again by itself; to try at once: ${retryOne(context)}`,
  },
  'pds-rate-limited': {
    sentence: () => "The PDS's rate limit is used up.",
    fix: () => 'Nothing to do: it goes on when the PDS says so.',
  },
  'pds-admin-refused': {
    sentence: () => 'The PDS refuses our admin password.',
    fix: () => `Correct PDS_ADMIN_PASSWORD and restart the worker. ${byItself}.`,
  },
  'pds-domain-unsupported': {
    sentence: ({ detail }) =>
      `The PDS does not serve handles under ${detail['domain'] ?? 'PDS_HANDLE_DOMAIN'}.`,
    fix: () =>
      `Correct PDS_HANDLE_DOMAIN, or add the domain to the PDS's PDS_SERVICE_HANDLE_DOMAINS. ${byItself}.`,
  },
  'pds-invite-refused': {
    sentence: () => 'The PDS does not take our invite code.',
    fix: (context) => `A new code is drawn at the next try; to try at once: ${retryOne(context)}`,
  },
  'pds-refused': {
    sentence: ({ detail }) =>
      `The PDS refuses to create the account (${detail['answer'] ?? 'no reason given'}).`,
    fix: (context) => `This answer is new to Holdfast. Mend its cause, then: ${retryOne(context)}`,
  },
  'plc-unreachable': {
    sentence: () => 'The PDS cannot reach the PLC directory, so no account can get its DID.',
    fix: () => `Look at the PLC directory and at PDS_DID_PLC_URL of the PDS. ${byItself}.`,
  },
  'temporal-refused': {
    sentence: ({ detail }) =>
      `Temporal does not do what we ask of it (${detail['answer'] ?? 'no reason given'}).`,
    fix: (context) =>
      `See what it lacks: holdfast check ${context.system}. It is tried again by itself; to try at once: ${retryOne(context)}`,
  },
  'email-missing': {
    sentence: () => 'The person has no e-mail address at Auth0, and an account needs one.',
    fix: (context) => `Have an address added and verified at Auth0, then: ${retryOne(context)}`,
  },
  'email-taken': {
    sentence: () => 'An account on the PDS that is not ours holds this e-mail address.',
    fix: (context) =>
      `Find that account at the PDS and decide: have its owner change the address, or remove it, then: ${retryOne(context)}`,
  },
  'email-unsupported': {
    sentence: () =>
      'The PDS never accepts this e-mail address: it is malformed or of a disposable-mail provider.',
    fix: ({ system, identity }) =>
      `Ask the person to change the address at the provider, then: holdfast signup ${system} ${shellQuoted(identity)}`,
    ends: 'refused',
  },
  'tenant-unknown': {
    sentence: () => 'No configured tenant owns this identity.',
    fix: () =>
      'Set AUTH0_<TENANT>_DOMAIN, _CLIENT_ID, _CLIENT_SECRET and _ID_PREFIX for it and restart the worker.',
  },
  'deletion-under-way': {
    sentence: () => 'The records of a person who had this identity before are still being deleted.',
    fix: () => 'Nothing to do: it goes on when the deletion is over.',
  },
  'seal-broken': {
    sentence: ({ detail }) =>
      `A sealed value of this person cannot be opened (${detail['reason'] ?? 'unknown key'}).`,
    fix: (context) =>
      `Add the key it was sealed with to HOLDFAST_KEY, after the first one, restart the worker, then: ${retryOne(context)}`,
  },
  paused: {
    sentence: ({ system, detail }) =>
      `Creations and repairs of ${system} are paused${said(' since ', detail['since'])}${said(' by ', detail['by'])}${said(': ', detail['reason'])}.`,
    fix: ({ system }) => `When it may go on: holdfast resume ${system}. Every signup then goes on at once.`,
  },
  observing: {
    sentence: () => 'Holdfast only observes (HOLDFAST_MODE=observe): it writes nothing, so no signup moves.',
    fix: ({ system }) =>
      `Unset HOLDFAST_MODE and restart the worker when it may write. ${byItself}; at once with: holdfast resume ${system}`,
  },
  'no-worker': {
    sentence: ({ system, detail }) =>
      `No worker polls ${detail['queue'] ?? `holdfast-${system}`}, so no signup of it moves.`,
    fix: () => 'Start a worker: npm run worker. Every signup then goes on by itself.',
  },
  'step-slow': {
    sentence: ({ detail }) => `The step ${detail['step'] ?? 'at hand'} does not end within its time.`,
    fix: (context) =>
      `What it talks to answers too slowly, or its worker dies in the middle of it: look at MongoDB's load (for ensureAccount ` +
      `at the PDS's), then at the worker's log. It is tried again by itself; to try at once: ${retryOne(context)}`,
  },
  unexpected: {
    sentence: ({ detail }) =>
      `A step failed in a way Holdfast does not know (${detail['answer'] ?? 'see its history'}).`,
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
