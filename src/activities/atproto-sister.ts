import type { UserDocument } from '../adapters/mongo/documents.ts'
import { handleLabel, handleUnder } from '../domain/handle.ts'
import type { AtprotoDeps } from './atproto-deps.ts'

/** The same person in the other tenants, known by the address they verified in both. */
export interface Sisters {
  /**
   * The part before the domain of the handle they chose there and no account of theirs has, nor is about to get;
   * null where there is none.
   */
  labelToInherit(identity: string, email: string): Promise<string | null>
  /**
   * Whether an account of theirs, proven ours, holds the address. An account that only happens to have it is a
   * stranger's, and gives nobody a second one.
   */
  holdAddress(identity: string, email: string): Promise<boolean>
}

type SisterDeps = Pick<
  AtprotoDeps,
  | 'users'
  | 'handles'
  | 'intents'
  | 'verifications'
  | 'pds'
  | 'sistersOf'
  | 'ownerOf'
  | 'addressHash'
  | 'handleDomain'
>

/** Asks Auth0's other tenants by address, and our own ledger. With one tenant there is nobody to ask, and nothing is. */
export function createSisters(deps: SisterDeps): Sisters {
  const { users, handles, intents, verifications, pds, handleDomain } = deps

  /** In a fixed order, so that every attempt decides alike: by tenant, and in it who came first. */
  async function verifiedSisters(identity: string, email: string): Promise<string[]> {
    const found: string[] = []
    for (const { auth0, identityOf } of deps.sistersOf(identity)) {
      found.push(...(await auth0.verifiedWith(email)).map(identityOf))
    }
    return found
  }

  /** Who has another address at the provider by now: until that one is verified, their account keeps this one. */
  async function movedSisters(identity: string, email: string): Promise<string[]> {
    const tenants = new Set(deps.sistersOf(identity).map(({ name }) => name))
    if (tenants.size === 0) return []
    const known = await verifications.everVerifiedWith(deps.addressHash(email.toLowerCase()))
    return known.filter((one) => tenants.has(deps.ownerOf(one)?.name ?? ''))
  }

  async function holds(sister: string, email: string): Promise<boolean> {
    const account = await accountOf(await users.load(sister))
    if (account?.email?.toLowerCase() === email.toLowerCase()) return true
    // Made a moment ago, and not yet in `users`: the password of its intent opens it.
    const intent = await intents.load(sister)
    return intent?.attempted === true && (await pds.accountByLogin(email, intent.password)) !== null
  }

  const accountOf = async (user: UserDocument | null) =>
    user?.atproto?.did ? pds.accountByDid(user.atproto.did) : null

  /** Their own choice goes before what another tenant inherits, also while their account is on its way. */
  async function keepsHandle(sister: string, handle: string): Promise<boolean> {
    const user = await users.load(sister)
    if (!user?.atproto?.did) return (await intents.load(sister)) !== null
    return (await accountOf(user))?.handle === handle
  }

  return {
    async labelToInherit(identity, email) {
      for (const sister of await verifiedSisters(identity, email)) {
        const label = handleLabel((await handles.chosenBy(sister)) ?? '')
        if (label !== null && !(await keepsHandle(sister, handleUnder(label, handleDomain)))) return label
      }
      return null
    },

    async holdAddress(identity, email) {
      const verified = await verifiedSisters(identity, email)
      for (const sister of verified) if (await holds(sister, email)) return true
      const moved = (await movedSisters(identity, email)).filter((one) => !verified.includes(one))
      for (const sister of moved) if (await holds(sister, email)) return true
      return false
    },
  }
}
