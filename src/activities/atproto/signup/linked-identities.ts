import type { UserDocument } from '../../../adapters/mongo/documents.ts'
import { handleLabel, handleUnder } from '../../../domain/atproto/handle.ts'
import type { Handles } from '../../../adapters/mongo/handles.ts'
import type { Users } from '../../../adapters/mongo/users.ts'
import type { Verifications } from '../../../adapters/mongo/verifications.ts'
import type { Pds } from '../../../adapters/pds/pds.ts'
import type { Intents } from '../../../state/mongo/atproto/intents.ts'
import type { OtherTenant, OwnerOf } from '../tenants.ts'

/** The same person's identities in the other tenants, known by the address they verified in both. */
export interface LinkedIdentities {
  /**
   * The label (the part before the domain) of a handle that they chose there and that no account of theirs has or is
   * about to get; null where there is none.
   */
  inheritableHandleLabel(identity: string, email: string): Promise<string | null>
  /**
   * Whether an account proven to be theirs holds the address. An account that only happens to have it is a stranger's,
   * and does not entitle anybody to a second one.
   */
  holdAddress(identity: string, email: string): Promise<boolean>
}

export interface LinkedIdentityDeps {
  readonly users: Users
  readonly handles: Handles
  readonly intents: Intents
  readonly verifications: Verifications
  readonly pds: Pds
  /** The other tenants, in the order of the configuration. */
  readonly otherTenantsOf: (identity: string) => readonly OtherTenant[]
  readonly ownerOf: OwnerOf
  /** Keyed hash of an address, as the ledger stores it. */
  readonly addressHash: (email: string) => string
  readonly handleDomain: string
}

/**
 * Queries Auth0's other tenants by address, and Holdfast's ledger of verifications. With one tenant nothing is queried.
 */
export function createLinkedIdentities(deps: LinkedIdentityDeps): LinkedIdentities {
  const { users, handles, intents, verifications, pds, handleDomain } = deps

  /** Identities in a fixed order, so that every attempt decides alike: by tenant, and within it by who came first. */
  async function verifiedWithAddress(identity: string, email: string): Promise<string[]> {
    const found: string[] = []
    for (const { auth0, identityOf } of deps.otherTenantsOf(identity)) {
      found.push(...(await auth0.userIdsVerifiedWith(email)).map(identityOf))
    }
    return found
  }

  /**
   * People who have another address at the provider by now: until that one is verified, their account keeps this one.
   */
  async function formerlyVerifiedWithAddress(identity: string, email: string): Promise<string[]> {
    const tenants = new Set(deps.otherTenantsOf(identity).map(({ name }) => name))
    if (tenants.size === 0) return []
    const known = await verifications.everVerifiedWith(deps.addressHash(email.toLowerCase()))
    return known.filter((one) => tenants.has(deps.ownerOf(one)?.name ?? ''))
  }

  async function holdsAddress(linked: string, email: string): Promise<boolean> {
    const account = await accountOf(await users.load(linked))
    if (account?.email?.toLowerCase() === email.toLowerCase()) return true
    // Created a moment ago, and not yet in `users`: the password of its intent opens it.
    const intent = await intents.load(linked)
    return intent?.attempted === true && (await pds.accountByLogin(email, intent.password)) !== null
  }

  const accountOf = async (user: UserDocument | null) =>
    user?.atproto?.did ? pds.accountByDid(user.atproto.did) : null

  /** Whether their own account has or will get the handle: their choice goes before what another tenant inherits. */
  async function keepsHandle(linked: string, handle: string): Promise<boolean> {
    const user = await users.load(linked)
    if (!user?.atproto?.did) return (await intents.load(linked)) !== null
    return (await accountOf(user))?.handle === handle
  }

  return {
    async inheritableHandleLabel(identity, email) {
      for (const linked of await verifiedWithAddress(identity, email)) {
        const label = handleLabel((await handles.chosenBy(linked)) ?? '')
        if (label !== null && !(await keepsHandle(linked, handleUnder(label, handleDomain)))) return label
      }
      return null
    },

    async holdAddress(identity, email) {
      const verified = await verifiedWithAddress(identity, email)
      for (const linked of verified) if (await holdsAddress(linked, email)) return true
      const moved = (await formerlyVerifiedWithAddress(identity, email)).filter(
        (one) => !verified.includes(one),
      )
      for (const linked of moved) if (await holdsAddress(linked, email)) return true
      return false
    },
  }
}
