import { setTimeout as sleep } from 'node:timers/promises'
import pMap from 'p-map'
import type { Pds } from '../../adapters/pds/pds.ts'
import type { ProblemName } from '../../contracts/problems.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import type { Renewals, StoredAccount } from '../../state/mongo/atproto/renewals.ts'

/** Accounts in progress at once: each costs the PDS a password hash and a session. */
const AT_ONCE = 4
/** The number of failures listed one by one. */
const MOST_FAILURES = 100

export interface RenewDeps {
  readonly renewals: Renewals
  readonly pds: Pick<Pds, 'accountByDid' | 'setPassword' | 'revokeAppPasswords'>
  readonly newPassword: () => string
  /** The storage of a password in `users.atproto.password`. */
  readonly stored: (identity: string, password: string) => string
  /** Whether a person is among the requested ones. */
  readonly isTheirs: (identity: string) => boolean
}

/**
 * `renewed`; `before`: already done by an interrupted renewal that this one continues; `gone`: the PDS hosts no such
 * account, or the user record names another one by now; `not-opened`: the password is new, but no session opens (as for
 * a taken-down account), so app passwords may be left.
 */
export type RenewalOutcome = 'renewed' | 'before' | 'gone' | 'not-opened'

export interface RenewalFailure {
  readonly identity: string
  readonly problem: ProblemName | 'not-opened'
}

export interface RenewalReport {
  readonly counts: Readonly<Record<RenewalOutcome | 'failed', number>>
  /** The first failures. */
  readonly failures: readonly RenewalFailure[]
}

/** Failures of one account only; any other would affect the next account too, and ends the run. */
const OF_ONE_ACCOUNT = new Set<ProblemName>(['pds-failing', 'pds-refused', 'seal-broken'])

/**
 * Gives one account a new password. The new one is stored first, then set at the PDS, which ends all sessions, then
 * used to revoke app passwords, and then written to the user record. An interrupted renewal is run again with the same
 * password.
 */
export async function renewPassword(deps: RenewDeps, account: StoredAccount): Promise<RenewalOutcome> {
  const { renewals, pds } = deps
  const { identity, did } = account
  if ((await pds.accountByDid(did)) === null) {
    await renewals.drop(identity)
    return 'gone'
  }
  const { password } = await renewals.intend(account, deps.newPassword)
  if (password === null) return 'before'
  await pds.setPassword(did, password)
  const opened = await pds.revokeAppPasswords({ did, password })
  if (!(await renewals.replace(account, deps.stored(identity, password)))) {
    await renewals.drop(identity)
    return 'gone'
  }
  if (!opened) return 'not-opened' // another run tries again
  await renewals.finish(account)
  return 'renewed'
}

/**
 * Renews the passwords of all requested people. Waits for rate limits. When all are done, the renewal ends, and the
 * next one draws new passwords; otherwise the next one continues it. Throws errors that would affect every account.
 */
export async function renewAll(
  deps: RenewDeps,
  progress: (counts: RenewalReport['counts']) => void,
  wait: (until: Date) => Promise<void> = waitUntil,
): Promise<RenewalReport> {
  const counts = { renewed: 0, before: 0, gone: 0, 'not-opened': 0, failed: 0 }
  const failures: RenewalFailure[] = []

  const one = async (account: StoredAccount): Promise<void> => {
    const outcome = await inTurn(() => renewPassword(deps, account), wait).catch((error: unknown) => {
      if (!(error instanceof OutsideError) || !OF_ONE_ACCOUNT.has(error.problem)) throw error
      return error.problem
    })
    counts[isRenewed(outcome) ? outcome : 'failed'] += 1
    const problem = outcome === 'not-opened' || !isRenewed(outcome) ? outcome : null
    if (problem !== null && failures.length < MOST_FAILURES)
      failures.push({ identity: account.identity, problem })
    progress(counts)
  }

  for await (const page of deps.renewals.accounts())
    await pMap(
      page.filter(({ identity }) => deps.isTheirs(identity)),
      one,
      { concurrency: AT_ONCE },
    )
  if (counts.failed + counts['not-opened'] === 0) await deps.renewals.end(deps.isTheirs)
  return { counts, failures }
}

function isRenewed(outcome: RenewalOutcome | ProblemName): outcome is RenewalOutcome {
  return ['renewed', 'before', 'gone', 'not-opened'].includes(outcome)
}

/** Tries again when a rate limit is over. */
async function inTurn<T>(run: () => Promise<T>, wait: (until: Date) => Promise<void>): Promise<T> {
  for (;;) {
    try {
      return await run()
    } catch (error) {
      if (!(error instanceof OutsideError) || error.retryAt === null) throw error
      await wait(error.retryAt)
    }
  }
}

async function waitUntil(moment: Date): Promise<void> {
  await sleep(Math.max(1_000, moment.getTime() - Date.now()))
}
