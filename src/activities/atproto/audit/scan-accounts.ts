import type { PdsListing } from '../../../adapters/pds/listing.ts'
import type { AuditSnapshot, ListedAccount } from '../../../state/mongo/atproto/audit-snapshot.ts'
import { isSmallScope, scanOutcome } from '../../audit/scope.ts'
import type { AuditRef, ScanOutcome } from '../../audit.ts'
import { withScanCursor } from '../../lib/scan-cursor.ts'

const REPOS_AT_ONCE = 1_000

export interface AccountListDeps {
  readonly pdsListing: PdsListing
  readonly addressHash: (email: string) => string
}

export interface AccountScanDeps extends AccountListDeps {
  readonly auditSnapshot: AuditSnapshot
}

/** Lists all accounts with their details at the PDS; in a small scope they are only counted. */
export function scanAccounts(deps: AccountScanDeps, { auditId, scope }: AuditRef): Promise<ScanOutcome> {
  const { pdsListing, auditSnapshot } = deps
  const beginning: { next: string | null; accounts: number } = { next: null, accounts: 0 }
  return withScanCursor(beginning, async ({ cursor, saveCursor, waitOutRateLimits }) => {
    let { next, accounts } = cursor
    for (;;) {
      const listed = await waitOutRateLimits(() => pdsListing.repos(next, REPOS_AT_ONCE))
      if (!isSmallScope(scope)) {
        const states = new Map(listed.repos.map(({ did, state }) => [did, state]))
        const infos = await fetchAccounts(deps, [...states.keys()], waitOutRateLimits)
        await auditSnapshot.addAccounts(
          auditId,
          listed.repos.map(({ did, state }) => ({
            ...(infos.get(did) ?? { handle: null, address: null, createdAt: null }),
            did,
            state,
          })),
        )
      }
      accounts += listed.repos.length
      next = listed.next
      if (next === null) return scanOutcome({ counts: { accounts } })
      saveCursor({ next, accounts })
    }
  })
}

/** The PDS's current details of these accounts; those it does not host are left out. */
export async function fetchAccounts(
  { pdsListing, addressHash }: AccountListDeps,
  dids: readonly string[],
  patiently: <T>(call: () => Promise<T>) => Promise<T>,
): Promise<Map<string, ListedAccount>> {
  const infos = await patiently(() => pdsListing.accountInfos(dids))
  return new Map(
    infos.map(({ did, handle, email, createdAt, deactivated }) => [
      did,
      {
        did,
        state: deactivated ? 'deactivated' : 'active',
        handle,
        address: email === null ? null : addressHash(email.toLowerCase()),
        createdAt,
      },
    ]),
  )
}
