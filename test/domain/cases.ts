import { ownAlertNames, type AlertName } from '../../src/contracts/alerts.ts'
import { gapNames, type Gap } from '../../src/contracts/gaps.ts'
import { problemNames, type ProblemName } from '../../src/contracts/problems.ts'

/** Every name an operator may be shown: of what blocks a signup, of what its records lack, of an alert. */
export type OperatorName = ProblemName | Gap | AlertName

export const OPERATOR_NAMES: readonly OperatorName[] = [
  ...new Set([...problemNames('atproto'), ...gapNames('atproto'), ...ownAlertNames('atproto')]),
]

/**
 * Everything that can go wrong, case by case, with the names under which it can be reported to an operator. A case that
 * resolves itself without a report has none. Each name has its sentence and its fix in `problems.ts`, `gaps.ts` or
 * `alerts.ts`.
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
  E12: ['auth0-rate-limited', 'rate-limit-lasting'],
  E13: ['temporal-unreachable'],
  E16: [],
  E17: [],
  E18: ['events-quarantined'],

  /** Records of Holdfast. */
  M1: [],
  M2: ['index-not-equivalent', 'index-refuses-user', 'code-duplicate'],
  M3: [],
  M4: ['mongo-unreachable'],
  M5: ['verification-missing', 'user-missing', 'code-missing', 'code-malformed', 'code-not-text'],
  M6: ['mongo-denied'],
  M7: ['mongo-throttled', 'mongo-slow', 'step-slow'],
  M8: ['index-not-equivalent'],
  M10: ['user-missing', 'account-missing'],
  M11: ['repairs-held', 'records-lost'],

  /** Cases at the PDS. */
  P1: [],
  P2: [],
  P3: [],
  P4: ['email-taken', 'email-differs'],
  P5: ['email-unsupported'],
  P6: ['pds-rate-limited', 'rate-limit-lasting'],
  P7: ['pds-unreachable', 'pds-failing', 'plc-unreachable'],
  P8: ['handle-differs'],
  P9: [],
  P10: ['account-unowned', 'account-gone'],
  P11: ['email-taken', 'account-missing', 'account-not-adopted', 'pds-keys-unknown'],
  P13: ['account-missing'],

  /** Temporal and its operators. */
  T1: ['no-worker', 'worker-silent'],
  T2: ['signups-stalled', 'workflows-failing'],
  T3: [],
  T4: [],
  T5: ['deletions-held'],
  T6: [],
  T7: ['record-unowned', 'deleted-but-present', 'deletion-under-way'],
  T8: ['seal-broken'],
  T9: ['mongo-unreachable'],
  T10: ['watch-failing', 'watch-late'],
  T12: [],
}

/** Cases related to those above, which are not in the list and do occur. */
export const NAMES_WITHOUT_A_CASE: readonly OperatorName[] = [
  'tokens-refused',
  'mongo-refused',
  'auth0-unreachable',
  'auth0-denied',
  'auth0-refused',
  'auth0-log-unreadable',
  'pds-admin-refused',
  'pds-domain-unsupported',
  'pds-invite-refused',
  'pds-refused',
  'temporal-refused',
  'email-missing',
  'tenant-unknown',
  'unexpected',
  'paused',
  'deletions-paused',
  'observing',
  'test-alert',
]
