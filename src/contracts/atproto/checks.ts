import { SHARED_CHECKS } from '../shared/checks.ts'
import type { CheckWord } from '../words.ts'
import { codeIndexText } from './code-index.ts'

/** The fix for each step at which a probe can stop. */
const probeFixes = (system: string): Readonly<Record<string, string>> => ({
  'made-at-provider': 'Grant the application the scopes in deploy/auth0/client-grant-probe.json',
  'verified-at-provider':
    'Grant the application the scope create:user_tickets, and open the ticket link by hand',
  'in-provider-log': "Check Auth0's status page: its log is delayed",
  'at-temporal': 'Check the log stream and its deliveries in Auth0, and the log of the webhook server',
  'verification-recorded': `Start a worker (npm run worker), and see what blocks the signup (holdfast list ${system} --stuck)`,
  'user-with-code': `See what blocks the signup (holdfast list ${system} --stuck)`,
  'account-on-pds': `See what blocks the signup (holdfast list ${system} --stuck), and check the PDS`,
  'signup-completed': `See what blocks the signup (holdfast list ${system} --stuck)`,
  'deleted-at-provider': 'Grant the application the scope delete:users',
  'deleted-everywhere': 'Check the deleteUser workflow in the Temporal UI',
  'nothing-left': 'Check which records the deleteUser workflow left',
})

/** Findings of `check` about the application's records, the PDS and the probe. */
export const OTHER_CHECKS = {
  'index-not-equivalent': {
    sentence: (detail) => codeIndexText(detail, detail.system).sentence,
    fix: (detail) => codeIndexText(detail, detail.system).fix,
  },
  'index-missing': {
    sentence: () => 'There is no index on users.code yet.',
    fix: ({ system }) =>
      `No action needed: the next signup creates it. To create it now: holdfast diagnose ${system} --fix-index`,
  },
  'pds-open': {
    sentence: () =>
      "The PDS lets anyone create an account: it requires no invite code. A stranger can take people's handles, user codes and " +
      'addresses before they sign up, and fill the PDS with accounts.',
    fix: () =>
      'Set PDS_INVITE_REQUIRED=true at the PDS and restart it. Holdfast creates an invite code for each account.',
  },
  'probe-stopped': {
    ...SHARED_CHECKS['probe-stopped'],
    fix: ({ step, identity, system }) =>
      (probeFixes(system)[step ?? ''] ?? 'Check what that step needs') +
      `, then: holdfast check ${system} --probe. To delete what the probe left: holdfast delete ${system} ${identity ?? "'<id>'"}`,
  },
  'probe-left': {
    sentence: ({ count, identities }) =>
      `An interrupted probe left ${count === '1' ? 'its test identity' : `${count ?? 'some'} test identities`}: ${identities ?? '<id>'}.`,
    fix: ({ system }) => `The next probe deletes it everywhere: holdfast check ${system} --probe`,
  },
} as const satisfies Readonly<Record<string, CheckWord>>
