import { shellQuoted } from '../text/shell.ts'
import type { ProblemWord } from '../words.ts'
import { byItself, retryOne } from '../shared/phrases.ts'

/** Problems at Auth0, and of the person there. */
export const AUTH0_PROBLEMS = {
  'auth0-unreachable': {
    sentence: ({ detail }) => `Auth0 does not answer (${detail['answer'] ?? 'no connection'}).`,
    fix: () => `Check Auth0's status page and AUTH0_<TENANT>_DOMAIN. ${byItself}.`,
    quickTry: true,
    triedBy: { checks: /^auth0-.*-scopes$/, settings: /^AUTH0_/ },
    severity: 'high',
  },
  'auth0-rate-limited': {
    sentence: () => "Auth0's rate limit for the Management API is used up.",
    fix: () =>
      'No action needed: the step is retried when the limit resets. If this persists, another program uses up the limit.',
    rateLimitOf: 'Auth0',
  },
  'auth0-denied': {
    sentence: ({ detail }) =>
      `Auth0 refuses the credentials of Holdfast, or they lack a scope (${detail['answer'] ?? 'denied'}).`,
    fix: () =>
      `Correct AUTH0_<TENANT>_CLIENT_ID and _CLIENT_SECRET, and grant that application the scopes read:users and read:logs of the Management API. ${byItself}.`,
    triedBy: { checks: /^auth0-.*-scopes$/, settings: /^AUTH0_/ },
    severity: 'high',
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
  'email-missing': {
    sentence: () => 'The person has no e-mail address at Auth0, and an account needs one.',
    fix: (context) => `Have an address added and verified at Auth0, then: ${retryOne(context)}`,
  },
  'tenant-unknown': {
    sentence: () => 'No configured tenant owns this identity.',
    fix: () =>
      'Set AUTH0_<TENANT>_DOMAIN, _CLIENT_ID, _CLIENT_SECRET and _ID_PREFIX of its tenant and restart the worker.',
  },
} as const satisfies Readonly<Record<string, ProblemWord>>
