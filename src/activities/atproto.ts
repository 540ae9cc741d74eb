import type { CodeGuard } from '../adapters/mongo/code-index.ts'
import type { Entry } from '../adapters/mongo/journal.ts'
import type { HandleSynced } from '../contracts/handle-sync.ts'
import { createAccountActivity } from './atproto-account.ts'
import { createHandleActivity } from './atproto-handle.ts'
import type { AtprotoDeps } from './atproto-deps.ts'
import { createPersonActivity } from './atproto-person.ts'
import { naming } from './failures.ts'
import { heartbeating } from './heartbeat.ts'
import { noting } from './noting.ts'
import { isDeleted } from './tombstoned.ts'

export interface RecordedSignup {
  /** The tenant the identity belongs to, by its prefix. */
  readonly tenant: string
  /** How long this signup may wait for its verified e-mail. */
  readonly waitDays: number
  /** Verifications counted before: a person who has one may be complete. */
  readonly count: number
  /** The person was deleted and is nobody new: nothing was recorded, and nothing may be. */
  readonly deleted: boolean
}

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
  /** Makes sure there is a verification record, with count 0 where there was none; not for who was deleted. */
  recordVerification(person: { identity: string }): Promise<RecordedSignup>
  /** Looks at the index that keeps user codes apart, and creates it where there is none. */
  ensureCodeIndex(person: { identity: string }): Promise<CodeGuard>
  /** Makes sure the person has a user record with a code; returns the code. */
  ensureUser(person: { identity: string; signedUpAt: string; guard: CodeGuard }): Promise<{ code: string }>
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
   */
  ensureAccount(person: { identity: string }): Promise<AccountMade | null>
  /** Makes the handle of an account that exists the one the application says, or the user code's. */
  syncAccountHandle(person: { identity: string }): Promise<HandleSynced>
}

export function createAtprotoActivities(deps: AtprotoDeps): AtprotoActivities {
  const { verifications, codeIndex, users, tenantOf, waitDays, journal } = deps
  return {
    recordVerification: naming(
      noting({ journal, step: 'recording' }, async ({ identity }) => {
        const { name: tenant } = tenantOf(identity)
        if (await isDeleted(deps, identity)) return { tenant, waitDays, count: 0, deleted: true }
        return { tenant, waitDays, count: await verifications.record(identity), deleted: false }
      }),
    ),
    ensureCodeIndex: naming(noting({ journal, step: 'creating-code' }, () => codeIndex.guard())),
    ensureUser: naming(
      noting(
        { journal, step: 'creating-user', done: () => RECORDED },
        async ({ identity, signedUpAt, guard }) => ({
          code: await users.ensure(identity, new Date(signedUpAt), guard),
        }),
      ),
    ),
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

/** The records of our own follow each other within milliseconds: the last of them tells of all, in one write. */
const RECORDED: readonly Entry[] = [
  { step: 'recording', outcome: 'done' },
  { step: 'creating-code', outcome: 'done', quiet: true },
  { step: 'creating-user', outcome: 'done' },
]
const VERIFIED: Entry = { step: 'waiting-for-verification', outcome: 'done' }
const NOT_YET: Entry = { step: 'waiting-for-verification', outcome: 'not-yet' }
const ACCOUNT_MADE: Entry = { step: 'creating-account', outcome: 'done' }
