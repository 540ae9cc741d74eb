import { randomBytes } from 'node:crypto'
import type { AtprotoDeps } from '../../src/activities/atproto/deps.ts'
import type { AccountInfo, PdsListing } from '../../src/adapters/pds/listing.ts'
import type { Gap } from '../../src/contracts/gaps.ts'
import { collections, type World } from './world.ts'

const DAY = 24 * 3_600_000

interface Planted {
  readonly identity: string
  readonly tenant: string
  readonly email: string
  readonly did: string
}

interface RecordedAccount extends AccountInfo {
  readonly state: string
}

/** A population in all stores, with known faults. Accounts are recorded, not created: a PDS creates few a second. */
export interface Population {
  readonly people: number
  /** The identities with each fault, as the test made them, whatever Holdfast finds. */
  readonly faults: Record<string, string[]>
  readonly accounts: RecordedAccount[]
  /** Adds this many people of a tenant; they are whole, apart from what `damage` changes before they are stored. */
  add(options: {
    tenant: string
    count: number
    verified?: boolean
    daysAgo?: number
    gap?: Gap | Gap[]
    without?: readonly ('provider' | 'verification' | 'user' | 'account')[]
    user?: Record<string, unknown>
    account?: Partial<RecordedAccount>
    atproto?: Record<string, unknown>
    handle?: string
  }): Promise<Planted[]>
}

const LETTERS = 'bcdfghjkmnprstvwxyz'
const VOWELS = 'aeou'

/** The n-th code; longer ones with six letters follow when a year is full. */
function codeOf(n: number): string {
  const parts: string[] = []
  let rest = n
  for (const alphabet of [LETTERS, VOWELS, LETTERS, VOWELS, LETTERS]) {
    parts.push(alphabet.charAt(rest % alphabet.length))
    rest = Math.floor(rest / alphabet.length)
  }
  return `ac26${parts.join('')}`
}

export function openPopulation(world: World): Population {
  const { users, verifications, handles } = collections(world.db)
  const domain = world.env['PDS_HANDLE_DOMAIN'] ?? ''
  const faults: Record<string, string[]> = {}
  const accounts: RecordedAccount[] = []
  const run = randomBytes(4).toString('hex')
  let made = 0

  return {
    get people() {
      return made
    },
    faults,
    accounts,
    async add({ tenant, count, verified = true, daysAgo = 20, gap = [], without = [], ...rest }) {
      const standIn = world.tenants.get(tenant)
      if (standIn === undefined) throw new Error(`no tenant ${tenant}`)
      const prefix = tenant === 'aesthetic' ? '' : `${tenant}-`
      const people = Array.from({ length: count }, () => {
        made += 1
        const id = `${run}${String(made).padStart(8, '0')}`
        return {
          id,
          n: made,
          identity: `${prefix}auth0|${id}`,
          tenant,
          email: `p${id}@example.com`,
          did: `did:plc:${run}${String(made).padStart(16, 'a')}`,
          createdAt: new Date(Date.now() - daysAgo * DAY - made * 1_000),
        }
      })
      if (!without.includes('provider'))
        standIn.seedUsers(people.map(({ id, email, createdAt }) => ({ id, email, verified, createdAt })))
      if (!without.includes('verification'))
        await verifications.insertMany(
          people.map(({ identity }) => ({ _id: identity, count: verified ? 1 : 0 })),
        )
      const hasAccount = verified && !without.includes('account')
      const handleOf = (n: number): string => `${codeOf(n)}${domain}`
      if (!without.includes('user')) {
        await users.insertMany(
          people.map(({ identity, n, did, createdAt }) => ({
            _id: identity,
            code: codeOf(n),
            when: createdAt,
            ...(hasAccount ? { atproto: { did, handle: handleOf(n), password: 'x', ...rest.atproto } } : {}),
            ...rest.user,
          })) as never,
        )
      }
      if (rest.handle !== undefined)
        await handles.insertMany(people.map(({ identity }) => ({ _id: identity, handle: rest.handle ?? '' })))
      if (hasAccount) {
        for (const { n, did, email, createdAt } of people) {
          accounts.push({
            did,
            handle: handleOf(n),
            email: prefix === '' || n % 2 === 0 ? email : email.replace('@', `+${tenant}@`),
            createdAt,
            deactivated: false,
            state: 'active',
            ...rest.account,
          })
        }
      }
      for (const kind of [gap].flat()) {
        const names =
          kind === 'account-unowned' ? people.map(({ did }) => did) : people.map(({ identity }) => identity)
        faults[kind] = [...(faults[kind] ?? []), ...names].toSorted()
      }
      return people
    },
  }
}

/**
 * A worker's outside world in which the PDS lists the recorded accounts; accounts created meanwhile are looked up
 * there.
 */
export function withRecordedAccounts<D extends AtprotoDeps>(deps: D, accounts: RecordedAccount[]): D {
  const real = deps.pdsListing
  const byDid = (): Map<string, RecordedAccount> => new Map(accounts.map((one) => [one.did, one]))
  const pdsListing: PdsListing = {
    async repos(cursor, limit) {
      const from = Number(cursor ?? 0)
      const page = accounts.slice(from, from + limit)
      return {
        repos: page.filter(({ state }) => state !== 'gone').map(({ did, state }) => ({ did, state })),
        next: from + limit < accounts.length ? String(from + limit) : null,
      }
    },
    async accountInfos(dids) {
      const known = byDid()
      const recorded = dids.flatMap((did) => known.get(did) ?? []).filter(({ state }) => state !== 'gone')
      const made = await real.accountInfos(dids.filter((did) => !known.has(did)))
      accounts.push(...made.map((info) => ({ ...info, state: 'active' })))
      return [...recorded, ...made]
    },
    async repoState(did) {
      const known = byDid().get(did)
      if (known === undefined) return real.repoState(did)
      return known.state === 'gone' ? 'not on the PDS' : known.state
    },
  }
  const { pds } = deps
  return {
    ...deps,
    pdsListing,
    pds: {
      ...pds,
      async accountByDid(did) {
        return byDid().get(did) ?? pds.accountByDid(did)
      },
      setEmail: (did, email) => set(did, { email }, () => pds.setEmail(did, email)),
      async changeHandle(account) {
        await set(account.did, { handle: account.handle }, async () => void (await pds.changeHandle(account)))
        return true
      },
    },
  }

  async function set(did: string, change: Partial<AccountInfo>, really: () => Promise<void>): Promise<void> {
    const at = accounts.findIndex((one) => one.did === did)
    const known = accounts[at]
    if (known === undefined) await really()
    else accounts[at] = { ...known, ...change }
  }
}
