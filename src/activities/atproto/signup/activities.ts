import type { EnsuredAccount, ProviderPerson } from '../../../contracts/atproto/signup-steps.ts'
import type { HandleSyncResult } from '../../../contracts/atproto/handle-sync.ts'
import { createAccountActivity, type AccountDeps } from './account.ts'
import { createHandleActivity, type HandleDeps } from './handle.ts'
import { createLinkedIdentities, type LinkedIdentityDeps } from './linked-identities.ts'
import { createVerificationActivity, type VerificationDeps } from './verification.ts'
import {
  createRecordsActivity,
  type RecordedPerson,
  type RecordsDeps,
  type RecordsResult,
} from './records.ts'
import { withFailureMapping } from '../../lib/failures.ts'
import { withHeartbeat } from '../../lib/heartbeat.ts'
import { withDeletionSweep } from '../deletion/guard.ts'
import { withHistory } from '../../lib/history.ts'
import type { SignupCounts } from '../../lib/signup-counts.ts'
import type { HistoryEntry } from '../../../state/ports/step-history.ts'

/** The activities of `signup`. Each checks before it writes, so each is safe to run twice. */
export interface SignupActivities {
  /**
   * Ensures the records in MongoDB: a verification, with count 0 where there was none, and a user record with a code;
   * not for a deleted person. A failure names the record it concerns.
   */
  ensureRecords(person: RecordedPerson): Promise<RecordsResult>
  /**
   * Reads the person at Auth0; once the e-mail is verified, counts that and prepares the account, or the change of its
   * address. `changedAt`: when the address changed according to an event, ISO 8601. `last`: the signup has waited as
   * long as it may, and ends for a person who is not verified.
   */
  checkVerification(person: {
    identity: string
    changedAt?: string | null
    last?: boolean
  }): Promise<ProviderPerson>
}

interface AccountPerson {
  readonly identity: string
  readonly onlyBegun?: boolean
  readonly since?: string
}

/** The activities that call the PDS, on a queue of their own. */
export interface PdsSignupActivities {
  /**
   * Ensures that the person has exactly one account, under their verified address, and that `users.atproto` names it.
   * Null when a record it requires (the user record, the prepared intent) is gone, and the signup has to start over.
   * `onlyBegun`: the address is not verified now, so none is created: only one that an earlier attempt created is
   * adopted, or one that Holdfast remembers restored, under its own address. `since`: when the person signed up, ISO 8601,
   * where they have not completed before: the time that it took is counted.
   */
  ensurePdsAccount(person: AccountPerson): Promise<EnsuredAccount | null>
  /** Sets the handle of an existing account to the one chosen in the application, or to the user code's. */
  syncPdsHandle(person: { identity: string }): Promise<HandleSyncResult>
}

export interface SignupDeps extends RecordsDeps, VerificationDeps {}

export function createSignupActivities(deps: SignupDeps): SignupActivities {
  const { stepHistory, signupCounts: counts } = deps
  return {
    ensureRecords: createRecordsActivity(deps),
    checkVerification: withFailureMapping(
      withDeletionSweep(
        deps,
        withHistory(
          {
            journal: stepHistory,
            counts,
            step: 'waiting-for-verification',
            done: ({ known, verified }) => (known ? [verified ? VERIFIED : NOT_YET] : []),
            endsIn: ({ known, verified, accountLost }, { last = false }) => {
              if (!known) return 'deleted'
              return last && !verified && !accountLost ? 'expired' : null
            },
          },
          createVerificationActivity(deps),
        ),
        ({ known }) => known,
      ),
    ),
  }
}

export interface PdsSignupDeps extends AccountDeps, HandleDeps, LinkedIdentityDeps {
  readonly signupCounts: SignupCounts
}

export function createPdsSignupActivities(deps: PdsSignupDeps): PdsSignupActivities {
  const { stepHistory, signupCounts: counts } = deps
  const linked = createLinkedIdentities(deps)
  const done = (account: EnsuredAccount | null): HistoryEntry[] => (account === null ? [] : [ACCOUNT_MADE])
  const endsIn = (account: EnsuredAccount | null) => (account === null ? null : 'completed')
  const since = (person: AccountPerson) => person.since
  return {
    ensurePdsAccount: withHeartbeat(
      withFailureMapping(
        withDeletionSweep(
          deps,
          withHistory<AccountPerson, EnsuredAccount | null>(
            { journal: stepHistory, counts, step: 'creating-account', done, endsIn, since },
            createAccountActivity(deps, linked),
          ),
        ),
      ),
    ),
    syncPdsHandle: withHeartbeat(
      withFailureMapping(withDeletionSweep(deps, createHandleActivity(deps, linked))),
    ),
  }
}

const VERIFIED: HistoryEntry = { step: 'waiting-for-verification', outcome: 'done' }
const NOT_YET: HistoryEntry = { step: 'waiting-for-verification', outcome: 'not-yet' }
const ACCOUNT_MADE: HistoryEntry = { step: 'creating-account', outcome: 'done' }
