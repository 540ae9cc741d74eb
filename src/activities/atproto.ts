import type { Entry } from '../adapters/mongo/journal.ts'
import type { HandleSynced } from '../contracts/handle-sync.ts'
import { createAccountActivity } from './atproto-account.ts'
import { createHandleActivity } from './atproto-handle.ts'
import type { AtprotoDeps } from './atproto-deps.ts'
import { createPersonActivity } from './atproto-person.ts'
import { createRecordsActivity, type RecordsMade } from './atproto-records.ts'
import { naming } from './failures.ts'
import { heartbeating } from './heartbeat.ts'
import { noting } from './noting.ts'

export interface PersonSeen {
  readonly known: boolean
  readonly verified: boolean
  /** ISO 8601; null for a person the provider does not know. */
  readonly signedUpAt: string | null
}

export interface AccountMade {
  readonly did: string
  readonly handle: string
}

/** The steps of a `signup`. Each looks before it writes, so each is safe to run twice. */
export interface AtprotoActivities {
  /**
   * Makes sure of the records of our own: a verification, with count 0 where there was none, and a user record with a
   * code; not for who was deleted. A failure says which of them it was.
   */
  ensureRecords(person: { identity: string; signedUpAt: string }): Promise<RecordsMade>
  /**
   * Reads the person at Auth0; once the e-mail is verified, counts that and prepares the account, or the change of
   * its address. `changedAt`: when an event said that the address changed, ISO 8601.
   */
  lookAtPerson(person: { identity: string; changedAt?: string | null }): Promise<PersonSeen>
}

/** The step that talks to the PDS, on a queue of its own. */
export interface PdsActivities {
  /**
   * Makes sure the person has exactly one account, under their verified address, and that `users.atproto` says so.
   * Null when what it builds on (the user record, the prepared intent) is gone, and the signup has to begin again.
   * `onlyBegun`: the address is not verified any longer, so only an account that an earlier attempt made is taken up.
   */
  ensureAccount(person: { identity: string; onlyBegun?: boolean }): Promise<AccountMade | null>
  /** Makes the handle of an account that exists the one the application says, or the user code's. */
  syncAccountHandle(person: { identity: string }): Promise<HandleSynced>
}

export function createAtprotoActivities(deps: AtprotoDeps): AtprotoActivities {
  const { journal } = deps
  return {
    ensureRecords: createRecordsActivity(deps),
    lookAtPerson: naming(
      noting(
        {
          journal,
          step: 'waiting-for-verification',
          done: ({ known, verified }) => (known ? [verified ? VERIFIED : NOT_YET] : []),
        },
        createPersonActivity(deps),
      ),
    ),
  }
}

export function createPdsActivities(deps: AtprotoDeps): PdsActivities {
  const { journal } = deps
  const done = (account: AccountMade | null): Entry[] => (account === null ? [] : [ACCOUNT_MADE])
  return {
    ensureAccount: heartbeating(
      naming(noting({ journal, step: 'creating-account', done }, createAccountActivity(deps))),
    ),
    syncAccountHandle: heartbeating(naming(createHandleActivity(deps))),
  }
}

const VERIFIED: Entry = { step: 'waiting-for-verification', outcome: 'done' }
const NOT_YET: Entry = { step: 'waiting-for-verification', outcome: 'not-yet' }
const ACCOUNT_MADE: Entry = { step: 'creating-account', outcome: 'done' }
