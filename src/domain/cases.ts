import { OWN_ALERTS, type AlertName } from '../contracts/alerts.ts'
import { GAPS, type Gap } from '../contracts/gaps.ts'
import { PROBLEMS, type ProblemName } from '../contracts/problems.ts'

/** Everything an operator can be shown by name: what holds a signup up, what its records lack, what somebody must know. */
export type OperatorName = ProblemName | Gap | AlertName

export const OPERATOR_NAMES: readonly OperatorName[] = [...new Set([...PROBLEMS, ...GAPS, ...OWN_ALERTS])]

/**
 * What goes wrong in the wild, case by case, and the names under which it can reach an operator. None where it ends
 * well without one. Each name has its sentence and its fix in `problems.ts`, `gaps.ts` or `alerts.ts`.
 */
export const CASES: Readonly<Record<string, readonly OperatorName[]>> = {
  /** Events from the provider. */
  E1: [],
  E2: [],
  E3: [],
  E4: ['signups-missing'],
  E5: ['catch-up-behind', 'signups-missing'],
  E6: ['identity-only', 'log-gap', 'gaps-found'],
  E7: ['identity-only', 'signups-missing'],
  E8: ['account-missing'],
  E9: ['unverified-too-long'],
  E10: ['catch-up-behind'],
  E11: [],
  E12: ['auth0-rate-limited'],
  E13: ['temporal-unreachable'],

  /** Records of our own. */
  M1: [],
  M2: ['index-not-equivalent', 'code-duplicate'],
  M3: [],
  M4: ['mongo-unreachable'],
  M5: ['verification-missing', 'user-missing', 'code-missing', 'code-malformed'],
  M6: ['mongo-denied'],
  M7: ['mongo-throttled', 'step-slow'],

  /** The PDS. */
  P1: [],
  P2: [],
  P3: [],
  P4: ['email-taken', 'email-differs'],
  P5: ['email-unsupported'],
  P6: ['pds-rate-limited'],
  P7: ['pds-unreachable', 'pds-failing', 'plc-unreachable'],
  P8: ['handle-differs'],
  P9: [],
  P10: ['account-unowned', 'account-gone'],

  /** The engine and its operators. */
  T1: ['no-worker'],
  T2: ['signups-silent'],
  T3: [],
  T4: [],
  T5: [],
  T6: [],
  T7: ['record-unowned', 'deletion-under-way'],
  T8: ['seal-broken'],
}

/** Neighbours of those cases, which the list does not have and the world does. */
export const NEIGHBOURS: readonly OperatorName[] = [
  'mongo-refused',
  'auth0-unreachable',
  'auth0-denied',
  'pds-admin-refused',
  'pds-domain-unsupported',
  'pds-invite-refused',
  'pds-refused',
  'temporal-refused',
  'email-missing',
  'tenant-unknown',
  'unexpected',
  'paused',
  'observing',
]
