import type { ListedAccount } from '../adapters/mongo/audit-listing.ts'
import type { AtprotoDeps } from './atproto-deps.ts'
import { isClose, outcome } from './atproto-scope.ts'
import type { AuditRef, ScanOutcome } from './find-and-repair.ts'
import { scanning } from './lib/scan-cursor.ts'

const REPOS_AT_ONCE = 1_000

/** All accounts with what the PDS knows of them; in a close look only how many there are. */
export function scanAccounts(deps: AtprotoDeps, { auditId, scope }: AuditRef): Promise<ScanOutcome> {
  const { pdsListing, audits } = deps
  const beginning: { next: string | null; accounts: number } = { next: null, accounts: 0 }
  return scanning(beginning, async ({ cursor, reached, patiently }) => {
    let { next, accounts } = cursor
    for (;;) {
      const listed = await patiently(() => pdsListing.repos(next, REPOS_AT_ONCE))
      if (!isClose(scope)) {
        const states = new Map(listed.repos.map(({ did, state }) => [did, state]))
        const infos = await accountsOf(deps, [...states.keys()], patiently)
        await audits.addAccounts(
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
      if (next === null) return outcome({ counts: { accounts } })
      reached({ next, accounts })
    }
  })
}

/** What the PDS says of these accounts now; those it does not host are left out. */
export async function accountsOf(
  { pdsListing, addressHash }: Pick<AtprotoDeps, 'pdsListing' | 'addressHash'>,
  dids: readonly string[],
  patiently: <T>(call: () => Promise<T>) => Promise<T>,
): Promise<Map<string, ListedAccount>> {
  const infos = await patiently(() => pdsListing.infos(dids))
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
