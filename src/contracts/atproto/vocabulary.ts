import { MONGO_CHECKS, MONGO_PROBLEMS_OF_CHECKS } from '../mongo/checks.ts'
import { MONGO_PROBLEMS } from '../mongo/problems.ts'
import type { Vocabulary } from '../words.ts'
import { ATPROTO_ALERTS } from './alerts.ts'
import { ATPROTO_AUDIT } from './audit.ts'
import { AUTH0_CHECKS } from './checks-auth0.ts'
import { EVENT_CHECKS } from './checks-events.ts'
import { OTHER_CHECKS } from './checks.ts'
import { ATPROTO_GAPS } from './gaps.ts'
import { AUTH0_PROBLEMS } from './problems-auth0.ts'
import { PDS_PROBLEMS } from './problems-pds.ts'
import { RECORD_PROBLEMS } from './problems-records.ts'
import { STEP_PROBLEMS } from './problems-steps.ts'
import { ATPROTO_STEPS } from './steps.ts'
import { ATPROTO_WORKFLOWS } from './workflows.ts'

/** The words of Auth0 → MongoDB (`verifications`, `users`) → an account on a PDS. */
export const ATPROTO_VOCABULARY = {
  workflows: ATPROTO_WORKFLOWS,
  steps: ATPROTO_STEPS,
  problems: { ...MONGO_PROBLEMS, ...RECORD_PROBLEMS, ...AUTH0_PROBLEMS, ...PDS_PROBLEMS, ...STEP_PROBLEMS },
  gaps: ATPROTO_GAPS,
  checks: { ...MONGO_CHECKS, ...AUTH0_CHECKS, ...EVENT_CHECKS, ...OTHER_CHECKS },
  problemsOfChecks: [
    ...MONGO_PROBLEMS_OF_CHECKS,
    'auth0-unreachable',
    'auth0-rate-limited',
    'auth0-denied',
    'pds-unreachable',
    'pds-failing',
    'pds-admin-refused',
    'pds-domain-unsupported',
    'pds-invite-refused',
    'pds-rate-limited',
    'pds-refused',
    'plc-unreachable',
  ],
  alerts: ATPROTO_ALERTS,
  dependencies: {
    mongo: ['mongo-unreachable', 'mongo-denied'],
    pds: ['pds-unreachable', 'pds-admin-refused'],
    auth0: ['auth0-unreachable', 'auth0-denied'],
  },
  audit: ATPROTO_AUDIT,
  columns: { code: 'CODE', handle: 'HANDLE' },
  ends: {
    refused: 'Nothing: this refusal is final until the e-mail address changes.',
    expired: 'Nothing until the e-mail is verified; that starts the signup again.',
  },
  accountLeft: (others) =>
    `Their account on the PDS was not removed, because the user record of another person refers to it too (keyed hash of their id: ${others}). ` +
    'If the application merged the two people, no action is needed. If not, correct users.atproto of the other person and remove the account at the PDS.',
} as const satisfies Vocabulary
