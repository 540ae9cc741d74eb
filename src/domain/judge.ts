import type { Finding, Gap } from '../contracts/gaps.ts'
import { repairOf } from './gaps.ts'
import { handleLabel, handleUnder } from './handle.ts'
import { isUserCode } from './user-code.ts'

/** What the application's own collections say of one identity. */
export interface StoredPerson {
  readonly verifications: number | null
  readonly user: {
    readonly code: unknown
    readonly when: Date | null
    readonly did: string | null
    readonly handle: string | null
  } | null
  /** The handle chosen in the application. */
  readonly chosen: string | null
}

/** What every store says of one identity at one time. */
export interface PersonFacts extends StoredPerson {
  readonly identity: string
  readonly tenant: string
  /** Null where the provider does not know the person, asked by id. Addresses are keyed hashes. */
  readonly provider: {
    readonly createdAt: Date
    readonly verified: boolean
    readonly address: string | null
    /** The address an account of a later tenant may have instead. */
    readonly alias: string | null
  } | null
  /** What the PDS says of the DID in `user`; null where it hosts none. */
  readonly account: AccountFacts | null
  /** The signup runs, and nothing holds it up. */
  readonly inProgress: boolean
  readonly codeShared: boolean
  /** The handle may come from the same person in another tenant. */
  readonly inherits: boolean
}

export interface AccountFacts {
  /** `active`, or why not. */
  readonly state: string
  readonly handle: string | null
  readonly address: string | null
}

export interface JudgeRules {
  readonly now: Date
  /** Who signed up, or whose account was made, within it is left alone. */
  readonly graceMs: number
  readonly waitMs: number
  readonly handleDomain: string
}

/** Records a person must have, and whether they have them. */
export type DueRecords = Readonly<Record<'verifications' | 'users' | 'codes' | 'accounts', boolean | null>>

export type Standing = 'judged' | 'young' | 'in-progress'

/** Whether a person is judged at all: who is on the way lacks nothing yet. */
export function standingOf({ provider, inProgress }: PersonFacts, { now, graceMs }: JudgeRules): Standing {
  if (provider !== null && now.getTime() - provider.createdAt.getTime() < graceMs) return 'young'
  return inProgress ? 'in-progress' : 'judged'
}

/** Null where a record is not due: an account is only for the verified, nothing is for who is not at the provider. */
export function dueRecords({ provider, verifications, user }: PersonFacts): DueRecords {
  if (provider === null) return { verifications: null, users: null, codes: null, accounts: null }
  return {
    verifications: verifications !== null,
    users: user !== null,
    codes: hasCode(user),
    accounts: provider.verified ? user !== null && user.did !== null : null,
  }
}

/** The gaps of one identity, by what all stores say. Empty for who is whole. */
export function gapsOf(facts: PersonFacts, rules: JudgeRules): Finding[] {
  const { provider, verifications, user, chosen } = facts
  if (standingOf(facts, rules) !== 'judged') return []
  const since = provider?.createdAt ?? user?.when ?? null
  const found: Finding[] = []
  const add = (kind: Gap, evidence: Record<string, string>, from: Date | null = since): void => {
    const { identity, tenant } = facts
    found.push({
      identity,
      tenant,
      kind,
      since: from?.toISOString() ?? null,
      evidence,
      repair: repairOf(kind),
    })
  }

  if (provider === null) {
    const has = [
      ...(verifications === null ? [] : ['verification']),
      ...(user === null ? [] : ['user']),
      ...(chosen === null ? [] : ['handle']),
      ...(user?.did ? ['account'] : []),
    ]
    if (has.length > 0) add('record-unowned', { has: has.join(', ') })
    return found
  }
  const verified = String(provider.verified)
  if (verifications === null && user === null) {
    add('identity-only', { verified })
    return found
  }
  if (verifications === null) add('verification-missing', { verified })
  if (user === null) add('user-missing', { verified })
  else judgeCode()
  judgeAccount()
  const waited = rules.now.getTime() - provider.createdAt.getTime()
  if (!provider.verified && waited > rules.waitMs) {
    add('unverified-too-long', {}, new Date(provider.createdAt.getTime() + rules.waitMs))
  }
  return found

  function judgeCode(): void {
    if (user === null) return
    const lacks = [...(hasCode(user) ? [] : ['code']), ...(user.when === null ? ['when'] : [])]
    if (lacks.length > 0) add('code-missing', { lacks: lacks.join(' and ') })
    if (!hasCode(user)) return
    const code = String(user.code)
    if (!isUserCode(user.code)) add('code-malformed', { code })
    if (facts.codeShared) add('code-duplicate', { code })
  }

  function judgeAccount(): void {
    if (provider === null) return
    const did = user?.did ?? null
    if (did === null) {
      if (provider.verified) add('account-missing', { user: user === null ? 'none' : 'without account' })
      return
    }
    const { account } = facts
    if (account === null || account.state !== 'active') {
      add('account-gone', { did, account: account?.state ?? 'not on the PDS' }, user?.when ?? null)
      return
    }
    judgeHandle(did, account)
    if (provider.verified && account.address !== null && provider.address !== null) {
      if (account.address !== provider.address && account.address !== provider.alias)
        add('email-differs', { did })
    }
  }

  function judgeHandle(did: string, account: AccountFacts): void {
    if (account.handle === null || user === null) return
    const label = handleLabel(chosen ?? '')
    const byCode = hasCode(user) ? handleUnder(String(user.code), rules.handleDomain) : null
    const byChoice = label === null ? null : handleUnder(label, rules.handleDomain)
    const fits =
      account.handle === byCode || // where the PDS does not take the chosen one, the code stands
      account.handle === byChoice ||
      (byChoice === null && (byCode === null || facts.inherits))
    // A chosen handle that nobody has may have been refused (reserved, a bad word): that is no gap.
    if (fits && user.handle === account.handle) return
    const wanted = byChoice ?? byCode ?? 'unknown'
    add('handle-differs', { did, account: account.handle, wanted, record: user.handle ?? 'none' })
  }
}

function hasCode(user: PersonFacts['user']): boolean {
  return user !== null && user.code !== undefined && user.code !== null && user.code !== ''
}

/** An account that no user record names. Young ones may be about to be. */
export function unownedAccount(
  { did, createdAt, state }: { did: string; createdAt: Date | null; state: string },
  { now, graceMs }: JudgeRules,
): Finding | null {
  if (createdAt !== null && now.getTime() - createdAt.getTime() < graceMs) return null
  const kind = 'account-unowned'
  return {
    identity: did,
    tenant: '-',
    kind,
    since: createdAt?.toISOString() ?? null,
    evidence: { account: state },
    repair: repairOf(kind),
  }
}
