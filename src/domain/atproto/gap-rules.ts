import type { Finding, Gap, RepairMethod } from '../../contracts/gaps.ts'
import type { RememberedAccount, RememberedRecords } from '../../contracts/atproto/recovery.ts'
import { repairOf } from '../gaps.ts'
import { handleLabel, handleUnder, suffixedHandles } from './handle.ts'
import { isRestorable } from './lost-account.ts'
import { isUserCode } from './user-code.ts'

/** The application's own records of one identity. */
export interface StoredPerson {
  readonly verifications: number | null
  readonly user: {
    readonly code: unknown
    readonly when: Date | null
    readonly did: string | null
    readonly handle: string | null
  } | null
  /** The handle chosen in the application. */
  readonly chosenHandle: string | null
}

/** The records of one identity in every store, at one time. */
export interface PersonFacts extends StoredPerson {
  readonly identity: string
  readonly tenant: string
  /** Null where a look-up by id at the provider finds nobody. Addresses are keyed hashes. */
  readonly provider: {
    readonly createdAt: Date
    readonly verified: boolean
    readonly address: string | null
    /** The address an account of a later tenant may have instead. */
    readonly alias: string | null
  } | null
  /** The PDS's account for the DID in `user`; null where it hosts none. */
  readonly account: AccountFacts | null
  /**
   * The time of the person's deletion; null where they were not deleted, or the provider has created them anew since.
   */
  readonly deletedAt: Date | null
  /** The data that Holdfast remembers of the person. */
  readonly remembered: RememberedRecords | null
  /**
   * The PDS's account for the remembered DID, where `user` names none; null where it hosts none. Null too where the
   * person is unverified and the account belongs to another by now: it is not restored, and they are due no other.
   */
  readonly rememberedAccount: AccountFacts | null
  /** The signup is running and not blocked. */
  readonly inProgress: boolean
  readonly codeShared: boolean
  /** The handle may have been copied from the same person in another tenant. */
  readonly mayInheritHandle: boolean
}

export interface AccountFacts {
  /** `active`, or the reason why it is not. */
  readonly state: string
  readonly handle: string | null
  readonly address: string | null
}

export interface GapRules {
  readonly now: Date
  /** People who signed up, and accounts that were created, within this period are not judged yet. */
  readonly graceMs: number
  readonly waitMs: number
  readonly handleDomain: string
}

/** Records a person must have, and whether they have them. */
export type DueRecords = Readonly<
  Record<'verifications' | 'users' | 'codes' | 'accounts' | 'handles', boolean | null>
>

export type Eligibility = 'judged' | 'young' | 'in-progress' | 'deleted'

/**
 * Whether a person is judged at all: one whose signup is in progress is not judged yet, and a deleted person lacks
 * nothing.
 */
export function eligibilityOf(
  { provider, inProgress, deletedAt }: PersonFacts,
  { now, graceMs }: GapRules,
): Eligibility {
  if (deletedAt !== null) return 'deleted'
  if (provider !== null && now.getTime() - provider.createdAt.getTime() < graceMs) return 'young'
  return inProgress ? 'in-progress' : 'judged'
}

/**
 * Null where a record is not due: an account is only for verified people, a handle for those who chose one and have an
 * account, and no record for a person who was deleted or whom the provider does not know.
 */
export function dueRecords(
  { provider, verifications, user, chosenHandle, account, deletedAt }: PersonFacts,
  { handleDomain }: Pick<GapRules, 'handleDomain'>,
): DueRecords {
  if (provider === null || deletedAt !== null)
    return { verifications: null, users: null, codes: null, accounts: null, handles: null }
  const label = handleLabel(chosenHandle ?? '')
  return {
    verifications: verifications !== null,
    users: user !== null,
    codes: hasCode(user),
    accounts: provider.verified ? user !== null && user.did !== null : null,
    handles: label === null || account === null ? null : account.handle === handleUnder(label, handleDomain),
  }
}

/** The gaps of one identity, by all stores. Empty for a complete person. */
export function gapsOf(facts: PersonFacts, rules: GapRules): Finding[] {
  const { provider, verifications, user, chosenHandle, remembered } = facts
  if (eligibilityOf(facts, rules) !== 'judged') return []
  const since = provider?.createdAt ?? user?.when ?? null
  const found: Finding[] = []
  const add = (
    kind: Gap,
    evidence: Record<string, string>,
    {
      from = since,
      repair = repairOf('atproto', kind),
    }: { from?: Date | null; repair?: RepairMethod | null } = {},
  ): void => {
    const { identity, tenant } = facts
    found.push({
      system: 'atproto',
      identity,
      tenant,
      kind,
      since: from?.toISOString() ?? null,
      evidence,
      repair,
    })
  }
  // With the evidence that a record was lost, and so is restored, where Holdfast remembers it.
  const addLost = (kind: Gap, evidence: Record<string, string>): void =>
    remembered === null
      ? add(kind, evidence)
      : add(kind, { ...evidence, code: remembered.code }, { repair: 'rebuild' })

  if (provider === null) {
    const has = [
      ...(verifications === null ? [] : ['verification']),
      ...(user === null ? [] : ['user']),
      ...(chosenHandle === null ? [] : ['handle']),
      ...(user?.did ? ['account'] : []),
    ]
    if (has.length > 0) add('record-unowned', { has: has.join(', ') })
    return found
  }
  const verified = String(provider.verified)
  if (verifications === null && user === null) {
    addLost('identity-only', { verified })
    return found
  }
  if (verifications === null) add('verification-missing', { verified })
  if (user === null) addLost('user-missing', { verified })
  else judgeCode()
  judgeAccount()
  const waited = rules.now.getTime() - provider.createdAt.getTime()
  if (!provider.verified && waited > rules.waitMs) {
    add('unverified-too-long', {}, { from: new Date(provider.createdAt.getTime() + rules.waitMs) })
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
      const lost = facts.rememberedAccount === null ? null : (remembered?.account ?? null)
      if (provider.verified || (lost !== null && isRestorable(lost, false))) judgeMissingAccount(lost)
      return
    }
    const { account } = facts
    if (account === null || account.state !== 'active') {
      add('account-gone', { did, account: account?.state ?? 'not on the PDS' }, { from: user?.when ?? null })
      return
    }
    judgeHandle(did, account)
    if (provider.verified && account.address !== null && provider.address !== null) {
      if (account.address !== provider.address && account.address !== provider.alias)
        add('email-differs', { did })
    }
  }

  function judgeMissingAccount(account: RememberedAccount | null): void {
    const evidence = { user: user === null ? 'none' : 'no account' }
    if (account === null) add('account-missing', evidence)
    else add('account-missing', { ...evidence, ...lostAccountEvidence(account) }, { repair: 'rebuild' })
  }

  function judgeHandle(did: string, account: AccountFacts): void {
    if (account.handle === null || user === null) return
    const label = handleLabel(chosenHandle ?? '')
    const byCode = hasCode(user) ? handleUnder(String(user.code), rules.handleDomain) : null
    const byChoice = label === null ? null : handleUnder(label, rules.handleDomain)
    const fits =
      account.handle === byCode || // where the PDS refuses the chosen one, the code is used
      isSuffixed(account.handle) ||
      account.handle === byChoice ||
      (byChoice === null && (byCode === null || facts.mayInheritHandle))
    // A chosen handle that no account has may have been refused (as reserved or offensive): that is no gap.
    if (fits && user.handle === account.handle) return
    const wanted = byChoice ?? byCode ?? 'unknown'
    add('handle-differs', { did, account: account.handle, wanted, record: user.handle ?? 'none' })
  }

  /** The stranger's account that had the code as its handle. */
  function isSuffixed(handle: string): boolean {
    return hasCode(user) && suffixedHandles(String(user?.code), rules.handleDomain).includes(handle)
  }
}

function hasCode(user: PersonFacts['user']): boolean {
  return user !== null && user.code !== undefined && user.code !== null && user.code !== ''
}

/** An account that the user record lost, as evidence for `account-missing`. */
export function lostAccountEvidence(account: { did: string; handle: string; proof: string }) {
  const { did, handle, proof } = account
  return { account: did, handle, proof }
}

/**
 * The records to remember of a person about whom all stores agree. Null where they disagree, or where the same data is
 * remembered already.
 */
export function recordsToRemember(facts: PersonFacts, rules: GapRules): RememberedRecords | null {
  const { provider, user, account, remembered } = facts
  if (provider === null || eligibilityOf(facts, rules) !== 'judged') return null
  if (gapsOf(facts, rules).some(({ kind }) => kind !== 'unverified-too-long')) return null
  if (user === null || user.when === null || typeof user.code !== 'string') return null
  const theirs =
    user.did !== null && provider.verified && account?.address && account.handle !== null
      ? { did: user.did, handle: account.handle, proof: 'agreed' as const }
      : null
  const before = remembered?.account ?? null
  const sameAccount = theirs === null || (before?.did === theirs.did && before.handle === theirs.handle)
  const sameUser = remembered?.code === user.code && remembered.when?.getTime() === user.when.getTime()
  if (sameAccount && sameUser) return null
  return { code: user.code, when: user.when, account: sameAccount ? before : theirs }
}

/**
 * An account that no user record names; `remembered`: the person it was created for. A new account may be about to be
 * recorded.
 */
export function unownedAccount(
  { did, createdAt, state }: { did: string; createdAt: Date | null; state: string },
  { now, graceMs }: GapRules,
  remembered: string | null = null,
): Finding | null {
  if (createdAt !== null && now.getTime() - createdAt.getTime() < graceMs) return null
  const kind = 'account-unowned'
  return {
    system: 'atproto',
    identity: did,
    tenant: '-',
    kind,
    since: createdAt?.toISOString() ?? null,
    evidence: { account: state, ...(remembered === null ? {} : { remembered }) },
    repair: repairOf('atproto', kind),
  }
}
