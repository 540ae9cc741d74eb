import { createAccountActivity, type AccountDeps } from '../../src/activities/atproto/signup/account.ts'
import {
  createLinkedIdentities,
  type LinkedIdentityDeps,
} from '../../src/activities/atproto/signup/linked-identities.ts'

/** The account step alone, with linked identities on the same outside world. */
export function accountActivity(deps: AccountDeps & LinkedIdentityDeps) {
  return createAccountActivity(deps, createLinkedIdentities(deps))
}
