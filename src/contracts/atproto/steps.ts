import type { StepWord } from '../words.ts'

/** The steps of a signup of `atproto`, in order; each is the stage of a signup that has not passed it. */
export const ATPROTO_STEPS = {
  recording: { doing: 'Recording the verification', done: 'Verification record written' },
  'creating-code': {
    doing: 'Checking the code index',
    stage: 'Generating a user code',
    done: 'Code index repaired',
  },
  'creating-user': {
    doing: 'Creating the user record',
    done: 'User record written, with its code',
    outcomes: { rebuilt: () => 'User record was lost; rebuilt with the same code' },
  },
  'waiting-for-verification': {
    doing: 'Checking the e-mail at the provider',
    stage: 'Waiting for the verified e-mail',
    done: 'E-mail verified at the provider',
    outcomes: { 'not-yet': (often) => `E-mail not verified yet at the provider${often}` },
    waiting: 'The signup waits for the e-mail to be verified, and continues when Auth0 reports it.',
    waitsFor: 'the verified e-mail',
  },
  'creating-account': {
    doing: 'Creating the account',
    stage: 'Creating the account on the PDS',
    done: 'Account set up on the PDS and in the user record',
    outcomes: {
      rebuilt: () =>
        'Account was missing from the user record; recovered with a new password, its sessions and app passwords revoked',
      'rebuilt-unopened': () =>
        'Account was missing from the user record; recovered with a new password. Login failed (it may be ' +
        'taken down), so its app passwords were not revoked: revoke them at the PDS before the account is reactivated',
      'not-adopted': (often) =>
        "An account with the person's code as handle and their address was not adopted: nothing shows that it was created for " +
        `them, so they get an account with another handle${often}`,
    },
  },
} as const satisfies Readonly<Record<string, StepWord>>
