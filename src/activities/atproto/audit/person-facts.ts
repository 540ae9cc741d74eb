import pMap from 'p-map'
import type { ListedAccount } from '../../../state/mongo/atproto/audit-snapshot.ts'
import type { ApplicationRecords } from '../../../adapters/mongo/application-records.ts'
import type { IdRange } from '../../../state/mongo/lib/id-range.ts'
import { isRestorable } from '../../../domain/atproto/lost-account.ts'
import { deletionTime } from '../../../domain/deletion-time.ts'
import type { PersonFacts, StoredPerson } from '../../../domain/atproto/gap-rules.ts'
import type { PersonMemory } from '../../../state/mongo/atproto/person-memory.ts'
import type { Signups } from '../../../client/signups.ts'
import type { OwnerOf } from '../tenants.ts'
import { fetchAccounts, type AccountScanDeps } from './scan-accounts.ts'
import type { AuditMarks } from '../../../state/ports/audit-marks.ts'
import type { Tombstones } from '../../../state/ports/tombstones.ts'

export interface PersonFactsDeps extends AccountScanDeps {
  readonly applicationRecords: ApplicationRecords
  readonly personMemory: PersonMemory
  readonly marks: AuditMarks
  readonly tombstones: Tombstones
  readonly signups: Signups
  readonly ownerOf: OwnerOf
}

/** Repositories queried concurrently. */
const REPOS_AT_ONCE = 8

export interface PersonFactsOptions {
  readonly auditId: string
  /**
   * The source of the accounts. `listed`: the audit's own list; `now`: the PDS; `closely`: the PDS, and a check whether
   * each repository answers.
   */
  readonly accounts: 'listed' | 'now' | 'closely'
  readonly waitOutRateLimits: <T>(call: () => Promise<T>) => Promise<T>
}

const NO_RECORDS: StoredPerson = { verifications: null, user: null, chosenHandle: null }

/**
 * Everything the stores hold about some people, joined: one query for each store and page, never one for each person.
 */
export async function loadPersonFacts(
  deps: PersonFactsDeps,
  which: IdRange | readonly string[],
  { auditId, accounts, waitOutRateLimits }: PersonFactsOptions,
): Promise<PersonFacts[]> {
  const { auditSnapshot, marks, applicationRecords, signups } = deps
  const [listed, stored, remembered] = await Promise.all([
    auditSnapshot.identities(auditId, which),
    applicationRecords.load(which),
    deps.personMemory.loadMany(which),
  ])
  const named = 'after' in which ? [] : which
  const identities = [...new Set([...named, ...listed.keys(), ...stored.keys()])]
  const workflowIdOf = (identity: string): string => {
    const tenant = deps.ownerOf(identity)?.name
    return tenant === undefined ? '' : signups.workflowIdOf({ tenant, identity })
  }
  /** The account that is missing from the user record, as Holdfast remembers it. */
  const lostDid = (identity: string): string | null =>
    stored.get(identity)?.user?.did ? null : (remembered.get(identity)?.account?.did ?? null)
  const dids = [
    ...[...stored.values()].flatMap(({ user }) => user?.did ?? []),
    ...identities.flatMap((identity) => lostDid(identity) ?? []),
  ]
  const codes = () =>
    [...stored.values()].flatMap(({ user }) => (typeof user?.code === 'string' ? user.code : []))
  const [byDid, running, shared, tombstones] = await Promise.all([
    readAccounts(deps, dids, { auditId, accounts, waitOutRateLimits }),
    marks.find(auditId, 'running', () => identities.map(workflowIdOf)),
    marks.find(auditId, 'code', codes),
    deps.tombstones.findAll(identities),
  ])
  // Of the others, a lost account is missing whoever has it by now: they are due a new one.
  const restorable = identities.flatMap((identity): [string, string][] => {
    const account = remembered.get(identity)?.account ?? null
    const did = lostDid(identity)
    if (account === null || did === null || hosted(byDid.get(did)) === null) return []
    return listed.get(identity)?.verified === false && isRestorable(account, false) ? [[identity, did]] : []
  })
  const moved = await deps.personMemory.movedToAnother(new Map(restorable))

  return identities.map((identity) => {
    const { verifications, user, chosenHandle } = stored.get(identity) ?? NO_RECORDS
    const tenant = deps.ownerOf(identity)
    return {
      identity,
      tenant: tenant?.name ?? '-',
      provider: listed.get(identity) ?? null,
      deletedAt: deletionTime(tombstones.get(identity), listed.get(identity)?.createdAt ?? null),
      verifications,
      user,
      chosenHandle,
      account: user?.did ? (byDid.get(user.did) ?? null) : null,
      remembered: remembered.get(identity) ?? null,
      rememberedAccount: moved.has(identity) ? null : hosted(byDid.get(lostDid(identity) ?? '')),
      inProgress: running.size > 0 && running.has(workflowIdOf(identity)),
      codeShared: typeof user?.code === 'string' && shared.has(user.code),
      mayInheritHandle: (tenant?.idPrefix ?? '') !== '',
    }
  })
}

/** Leaves out an account that is not on the PDS, which a `closely` read returns with that state. */
function hosted(account: ListedAccount | undefined): ListedAccount | null {
  return account === undefined || account.state === 'not on the PDS' ? null : account
}

async function readAccounts(
  deps: AccountScanDeps,
  dids: readonly string[],
  { auditId, accounts, waitOutRateLimits }: PersonFactsOptions,
): Promise<Map<string, ListedAccount>> {
  if (dids.length === 0) return new Map()
  if (accounts === 'listed') return deps.auditSnapshot.accounts(auditId, dids)
  const now = await fetchAccounts(deps, dids, waitOutRateLimits)
  if (accounts === 'now') return now
  const looked = await pMap(
    dids,
    async (did): Promise<ListedAccount> => ({
      ...(now.get(did) ?? { handle: null, address: null, createdAt: null }),
      did,
      state: await waitOutRateLimits(() => deps.pdsListing.repoState(did)),
    }),
    { concurrency: REPOS_AT_ONCE },
  )
  return new Map(looked.map((account) => [account.did, account]))
}
