import pMap from 'p-map'
import type { ListedAccount } from '../adapters/mongo/audit-listing.ts'
import type { IdRange } from '../adapters/mongo/stores.ts'
import type { PersonFacts, StoredPerson } from '../domain/judge.ts'
import type { AtprotoDeps } from './atproto-deps.ts'
import { accountsOf } from './atproto-scan-accounts.ts'

/** Repositories asked for side by side. */
const REPOS_AT_ONCE = 8

export interface GatherOptions {
  readonly auditId: string
  /**
   * Where the accounts are read: as the audit listed them; from the PDS now; or from the PDS now and each repository
   * asked whether it answers.
   */
  readonly accounts: 'listed' | 'now' | 'closely'
  readonly patiently: <T>(call: () => Promise<T>) => Promise<T>
}

const NO_RECORDS: StoredPerson = { verifications: null, user: null, chosen: null }

/** Everything the stores say of some people, joined: one query a store and a page, never one a person. */
export async function gather(
  deps: AtprotoDeps,
  which: IdRange | readonly string[],
  { auditId, accounts, patiently }: GatherOptions,
): Promise<PersonFacts[]> {
  const { audits, stores, signups } = deps
  const [listed, stored] = await Promise.all([audits.identities(auditId, which), stores.people(which)])
  const named = 'after' in which ? [] : which
  const identities = [...new Set([...named, ...listed.keys(), ...stored.keys()])]
  const workflowIdOf = (identity: string): string => {
    const tenant = deps.ownerOf(identity)?.name
    return tenant === undefined ? '' : signups.idOf({ tenant, identity })
  }
  const dids = [...stored.values()].flatMap(({ user }) => user?.did ?? [])
  const codes = () =>
    [...stored.values()].flatMap(({ user }) => (typeof user?.code === 'string' ? user.code : []))
  const [byDid, running, shared] = await Promise.all([
    readAccounts(deps, dids, { auditId, accounts, patiently }),
    audits.marked(auditId, 'running', () => identities.map(workflowIdOf)),
    audits.marked(auditId, 'code', codes),
  ])

  return identities.map((identity) => {
    const { verifications, user, chosen } = stored.get(identity) ?? NO_RECORDS
    const tenant = deps.ownerOf(identity)
    return {
      identity,
      tenant: tenant?.name ?? '-',
      provider: listed.get(identity) ?? null,
      verifications,
      user,
      chosen,
      account: user?.did ? (byDid.get(user.did) ?? null) : null,
      inProgress: running.size > 0 && running.has(workflowIdOf(identity)),
      codeShared: typeof user?.code === 'string' && shared.has(user.code),
      inherits: (tenant?.idPrefix ?? '') !== '',
    }
  })
}

async function readAccounts(
  deps: AtprotoDeps,
  dids: readonly string[],
  { auditId, accounts, patiently }: GatherOptions,
): Promise<Map<string, ListedAccount>> {
  if (dids.length === 0) return new Map()
  if (accounts === 'listed') return deps.audits.accounts(auditId, dids)
  const now = await accountsOf(deps, dids, patiently)
  if (accounts === 'now') return now
  const looked = await pMap(
    dids,
    async (did): Promise<ListedAccount> => ({
      ...(now.get(did) ?? { handle: null, address: null, createdAt: null }),
      did,
      state: await patiently(() => deps.pdsListing.repoState(did)),
    }),
    { concurrency: REPOS_AT_ONCE },
  )
  return new Map(looked.map((account) => [account.did, account]))
}
