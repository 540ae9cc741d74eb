import { shellQuoted } from '../text/shell.ts'
import type { ProblemWord } from '../words.ts'
import { byItself, retryOne } from '../shared/phrases.ts'

/** Problems at the PDS. */
export const PDS_PROBLEMS = {
  'pds-unreachable': {
    sentence: () => 'The PDS does not answer.',
    fix: () => `Bring the PDS back, or correct PDS_URL. ${byItself}.`,
    quickTry: true,
    triedBy: { checks: /^pds$/, settings: /^PDS_URL$/ },
    severity: 'high',
  },
  'pds-failing': {
    sentence: ({ detail }) => `The PDS fails with an internal error (${detail['answer'] ?? 'HTTP 500'}).`,
    fix: (context) =>
      `Look at the PDS's log. A taken-down account with this handle or e-mail address also causes this error. ` +
      `${byItself}; to retry now: ${retryOne(context)}`,
    quickTry: true,
  },
  'pds-rate-limited': {
    sentence: () => "The PDS's rate limit is used up.",
    fix: () => 'No action needed: the step is retried when the limit resets.',
    rateLimitOf: 'The PDS',
  },
  'pds-admin-refused': {
    sentence: () => 'The PDS refuses the admin password (PDS_ADMIN_PASSWORD).',
    fix: () => `Correct PDS_ADMIN_PASSWORD and restart the worker. ${byItself}.`,
    triedBy: { checks: /^pds-admin$/, settings: /^PDS_(URL|ADMIN_PASSWORD)$/ },
    severity: 'high',
  },
  'pds-domain-unsupported': {
    sentence: ({ detail }) =>
      `The PDS does not serve handles under ${detail['domain'] ?? 'PDS_HANDLE_DOMAIN'}.`,
    fix: () =>
      `Correct PDS_HANDLE_DOMAIN, or add the domain to the PDS's PDS_SERVICE_HANDLE_DOMAINS. ${byItself}.`,
    triedBy: { checks: /^pds$/, settings: /^PDS_(URL|HANDLE_DOMAIN)$/ },
    severity: 'high',
  },
  'pds-invite-refused': {
    sentence: () => 'The PDS refused the invite code.',
    fix: (context) => `The next retry uses a new code; to retry now: ${retryOne(context)}`,
    triedBy: { checks: /^pds-invites$/, settings: /^PDS_(URL|ADMIN_PASSWORD)$/ },
    severity: 'high',
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
    quickTry: true,
    severity: 'high',
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
    retry: false,
  },
} as const satisfies Readonly<Record<string, ProblemWord>>
