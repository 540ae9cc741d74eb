import type { ListedAccount } from '../../../state/mongo/atproto/audit-snapshot.ts'
import type { Finding } from '../../../contracts/gaps.ts'
import { unownedAccount, type GapRules } from '../../../domain/atproto/gap-rules.ts'
import { isRestorable } from '../../../domain/atproto/lost-account.ts'
import { pairAccountsByAddress, type AccountPairDeps } from './account-pairs.ts'
import { fetchAccounts, type AccountListDeps } from './scan-accounts.ts'
import { createGapRules, type GapRulesDeps } from './scan-people.ts'
import { scanOutcome } from '../../audit/scope.ts'
import type { AuditRef, ScanOutcome } from '../../audit.ts'
import { readAhead } from '../../lib/read-ahead.ts'
import { withScanCursor } from '../../lib/scan-cursor.ts'

const PAGE = 2_000
/** DIDs read in one pass over the users; each pass takes seconds with a million users. */
const DIDS = 100_000

export interface UnownedScanDeps extends AccountPairDeps, AccountListDeps, GapRulesDeps {}

/** Finds accounts that no user record names: both lists are in order of DID, and are read in parallel. */
export function scanUnowned(deps: UnownedScanDeps, audit: AuditRef): Promise<ScanOutcome> {
  const { auditSnapshot, findings } = deps
  const { auditId, scheduled } = audit
  const rules = createGapRules(deps)
  return withScanCursor({ after: '' }, async ({ cursor, saveCursor, waitOutRateLimits }) => {
    const unnamed = unnamedDids(deps, cursor.after)
    const read = (after: string) => auditSnapshot.dids(auditId, after, PAGE)
    const next = (page: readonly string[]) => (page.length < PAGE ? null : (page.at(-1) ?? null))
    for await (const page of readAhead(cursor.after, read, next)) {
      const listed = await auditSnapshot.accounts(auditId, await unnamed(page))
      // The list is as old as the audit: an account that was deleted since is no finding.
      const now = await fetchAccounts(deps, [...listed.keys()], waitOutRateLimits)
      const accounts = new Map([...listed].filter(([did]) => now.has(did)))
      await findings.add(auditId, await judgeUnnamed(deps, audit, [...accounts.values()], rules), scheduled)
      const after = next(page)
      if (after !== null) saveCursor({ after })
    }
    return scanOutcome()
  })
}

/**
 * Judges accounts without a user record. One that its owner's record lost is part of the owner's gap, and no finding of
 * its own; so is one that has the address of a person whose account is missing. The others have no known owner.
 */
async function judgeUnnamed(
  deps: AccountPairDeps,
  audit: AuditRef,
  accounts: readonly ListedAccount[],
  rules: GapRules,
): Promise<Finding[]> {
  if (accounts.length === 0) return []
  const owners = await deps.personMemory.ownersOf(accounts.map(({ did }) => did))
  const identities = [...new Set([...owners.values()].flat())]
  const [listed, stored, remembered] = await Promise.all([
    deps.auditSnapshot.identities(audit.auditId, identities),
    deps.applicationRecords.load(identities),
    deps.personMemory.loadMany(identities),
  ])
  // Of several remembered with it, none that is unverified gets it back.
  const isLost = (owner: string, _: number, all: readonly string[]): boolean => {
    const person = listed.get(owner)
    const account = remembered.get(owner)?.account ?? null
    if (person === undefined || account === null || stored.get(owner)?.user?.did) return false
    return isRestorable(account, person.verified) && (person.verified || all.length === 1)
  }
  const { pairs, paired } = await pairAccountsByAddress(
    deps,
    audit,
    accounts.filter(({ did }) => !owners.has(did)),
  )
  const unowned = accounts.flatMap((account) => {
    const theirs = owners.get(account.did) ?? []
    if (paired.has(account.did) || theirs.some(isLost)) return []
    return unownedAccount(account, rules, theirs[0]) ?? []
  })
  return [...pairs, ...unowned]
}

/** Selects the DIDs that no user record names, from pages of DIDs in order. */
function unnamedDids(
  { applicationRecords }: Pick<UnownedScanDeps, 'applicationRecords'>,
  after: string,
): (dids: readonly string[]) => Promise<string[]> {
  let named: readonly string[] = []
  let reached = 0
  let last = after
  let more = true
  return async (dids) => {
    const unnamed: string[] = []
    for (const did of dids) {
      for (;;) {
        while (reached < named.length && (named[reached] ?? '') < did) reached += 1
        if (reached < named.length || !more) break
        named = await applicationRecords.dids(last, DIDS)
        reached = 0
        last = named.at(-1) ?? last
        more = named.length === DIDS
      }
      if (named[reached] !== did) unnamed.push(did)
    }
    return unnamed
  }
}
