import pMap from 'p-map'
import type { AuditSnapshot, ListedAccount } from '../../../state/mongo/atproto/audit-snapshot.ts'
import type { Finding, Gap } from '../../../contracts/gaps.ts'
import type { AccountProof, RememberedRecords } from '../../../contracts/atproto/recovery.ts'
import { handleUnder } from '../../../domain/atproto/handle.ts'
import { lostAccountEvidence } from '../../../domain/atproto/gap-rules.ts'
import { isUserCode } from '../../../domain/atproto/user-code.ts'
import type { ApplicationRecords } from '../../../adapters/mongo/application-records.ts'
import type { Pds } from '../../../adapters/pds/pds.ts'
import type { Intents } from '../../../state/mongo/atproto/intents.ts'
import type { PersonMemory } from '../../../state/mongo/atproto/person-memory.ts'
import type { AuditRef } from '../../audit.ts'
import { findAccountByIntent } from '../signup/find-account-by-intent.ts'
import type { AuditFindings } from '../../../state/ports/audit-findings.ts'

/** Number of last signups that are looked up at Temporal for one page of accounts. */
const LOOK_UPS = 200
const LOOK_UPS_AT_ONCE = 4
/** Gaps whose repair would create a second account beside one that may be the person's. */
const PAIRED: readonly Gap[] = ['account-missing', 'user-missing', 'identity-only']

export interface AccountPairDeps {
  readonly personMemory: PersonMemory
  readonly auditSnapshot: AuditSnapshot
  readonly findings: AuditFindings
  readonly applicationRecords: ApplicationRecords
  /** Result of the person's last completed signup at Temporal; null where none is kept. */
  readonly lastSignup: (identity: string) => Promise<RememberedRecords | null>
  readonly intents: Intents
  readonly pds: Pds
  readonly handleDomain: string
}

interface Pairs {
  /** The findings of people, now with the account as evidence. */
  readonly pairs: readonly Finding[]
  readonly paired: ReadonlySet<string>
}

/**
 * Joins accounts that Holdfast does not remember with the people who have their address and lack an account. Only an
 * account that Holdfast's own data proves to be the person's is restored automatically; for one that merely has the
 * address, under the person's code or not, an operator decides, and until then nothing is created for the person. Codes
 * that these accounts have as handles are given to nobody.
 */
export async function pairAccountsByAddress(
  deps: AccountPairDeps,
  { auditId }: AuditRef,
  accounts: readonly ListedAccount[],
): Promise<Pairs> {
  await deps.personMemory.reserveHandles(accounts.flatMap(({ handle }) => codeIn(handle, deps.handleDomain)))
  const byAddress = new Map(accounts.flatMap((one) => (one.address === null ? [] : [[one.address, one]])))
  if (byAddress.size === 0) return { pairs: [], paired: new Set() }
  const people = await deps.auditSnapshot.withAddresses(auditId, [...byAddress.keys()])
  const found = await deps.findings.ofPeople(auditId, [...people.keys()], PAIRED)
  const lacking = [...new Set(found.map(({ identity }) => identity))]
  const stored = await deps.applicationRecords.load(lacking)

  const accountOf = (identity: string): ListedAccount | undefined =>
    (people.get(identity) ?? []).flatMap((address) => byAddress.get(address) ?? [])[0]
  const proofs = new Map<string, AccountProof | 'address'>()
  await pMap(
    lacking,
    async (identity, index) => {
      const account = accountOf(identity)
      const code = stored.get(identity)?.user?.code
      const byCode = typeof code === 'string' && account?.handle === handleUnder(code, deps.handleDomain)
      const last = index >= LOOK_UPS ? null : await deps.lastSignup(identity)
      const bySignup = last?.account?.did === account?.did && account !== undefined
      const weak = byCode ? 'code-and-address' : 'address'
      proofs.set(
        identity,
        bySignup ? 'last-signup' : (await isOurs(deps, identity, account)) ? 'login' : weak,
      )
    },
    { concurrency: LOOK_UPS_AT_ONCE },
  )
  const pairs = found.flatMap((finding): Finding[] => {
    const account = accountOf(finding.identity)
    const proof = proofs.get(finding.identity)
    if (account === undefined || proof === undefined) return []
    const evidence = lostAccountEvidence({ did: account.did, handle: account.handle ?? 'no handle', proof })
    const repair = proof === 'address' || proof === 'code-and-address' ? null : 'rebuild'
    return [{ ...finding, evidence: { ...finding.evidence, ...evidence }, repair }]
  })
  return { pairs, paired: new Set(pairs.flatMap(({ evidence }) => evidence['account'] ?? [])) }
}

/** Whether an interrupted creation by Holdfast made this account. */
async function isOurs(
  { intents, pds }: Pick<AccountPairDeps, 'intents' | 'pds'>,
  identity: string,
  account: ListedAccount | undefined,
): Promise<boolean> {
  const intent = account === undefined ? null : await intents.load(identity)
  if (!intent?.attempted) return false
  return (await findAccountByIntent(pds, intent))?.did === account?.did
}

function codeIn(handle: string | null, domain: string): string[] {
  const code = handle?.split('.')[0] ?? ''
  return isUserCode(code) && handle === handleUnder(code, domain) ? [code] : []
}
