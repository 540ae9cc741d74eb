import { pdsAgent } from './pds-agent.ts'
import { isAddressHeld } from './pds-address.ts'
import { inPds, pdsAnswer, PdsRefusedError } from './pds-errors.ts'

const CREATE_ACCOUNT = 'com.atproto.server.createAccount'

export interface PdsAccount {
  readonly did: string
  readonly handle: string
}

export interface NewPdsAccount {
  readonly handle: string
  readonly email: string
  readonly password: string
  readonly inviteCode: string | null
}

export interface Pds {
  /** Fails with `pds-rate-limited` while the PDS is known to take no more accounts; asks nobody. */
  openForAccounts(): Promise<void>
  /** Not idempotent, and an answer that is lost may still have made the account: look before a repeat. */
  createAccount(account: NewPdsAccount): Promise<PdsAccount>
  /** The account that this address and password open, which proves it is ours; null where they open none. */
  accountByLogin(email: string, password: string): Promise<PdsAccount | null>
  /** Who holds a handle, by the admin's eyes; null where nobody does. */
  accountByHandle(handle: string): Promise<(PdsAccount & { readonly email: string | null }) | null>
  /** An account by the admin's eyes, taken down or not; null where this PDS hosts no such account. */
  accountByDid(did: string): Promise<(PdsAccount & { readonly email: string | null }) | null>
  setPassword(did: string, password: string): Promise<void>
  /** Refuses with `email-taken` when an account holds the address: another, or this one by now. */
  setEmail(did: string, email: string): Promise<void>
  /**
   * Changes the handle in the name of the account's owner, so that the PDS judges it as it judges everybody's.
   * False where the password does not open the account (any longer).
   */
  changeHandle(account: { did: string; password: string; handle: string }): Promise<boolean>
  /** Changes the handle as the admin, who may give reserved names too: judge it first. */
  changeHandleAsAdmin(did: string, handle: string): Promise<void>
  /** Removes an account for good. Its answer is the same where there was none: look afterwards. */
  deleteAccount(did: string): Promise<void>
  /** A single-use invite code where the PDS asks for one, else null. `fresh` forgets what it asked for before. */
  inviteCode(options?: { fresh: boolean }): Promise<string | null>
}

/**
 * Calls to one PDS. Each ends within twelve seconds, or sooner when `signal` says so; failures are named problems. A
 * method whose limit is used up is not called again before its reset.
 */
export function createPds(
  { url, adminPassword }: { url: string; adminPassword: string },
  signal: () => AbortSignal | undefined = () => undefined,
): Pds {
  const { agent, asAdmin, gate } = pdsAgent({ url, adminPassword }, signal)
  const { server, admin, identity } = agent.com.atproto
  let invitesAsked: boolean | null = null

  const accountByDid: Pds['accountByDid'] = (did) =>
    inPds(async () => {
      try {
        const { data } = await admin.getAccountInfo({ did }, asAdmin)
        return { did: data.did, handle: data.handle, email: data.email ?? null }
      } catch (error) {
        if (pdsAnswer(error)?.error === 'NotFound') return null
        throw error
      }
    })

  const session = async (identifier: string, password: string): Promise<string | null> => {
    try {
      return (await server.createSession({ identifier, password })).data.accessJwt
    } catch (error) {
      if (pdsAnswer(error)?.status === 401) return null
      throw error
    }
  }

  return {
    openForAccounts: async () => gate.check(CREATE_ACCOUNT),

    createAccount: ({ handle, email, password, inviteCode }) =>
      inPds(async () => {
        const { data } = await server.createAccount({
          handle,
          email,
          password,
          ...(inviteCode === null ? {} : { inviteCode }),
        })
        return { did: data.did, handle: data.handle }
      }),

    accountByLogin: (email, password) =>
      inPds(async () => {
        try {
          const { data } = await server.createSession({ identifier: email, password })
          return { did: data.did, handle: data.handle }
        } catch (error) {
          if (pdsAnswer(error)?.status === 401) return null
          throw error
        }
      }),

    accountByHandle: (handle) =>
      inPds(async () => {
        try {
          const found = await identity.resolveHandle({ handle })
          const { data } = await admin.getAccountInfo({ did: found.data.did }, asAdmin)
          return data.handle === handle ? { did: data.did, handle, email: data.email ?? null } : null
        } catch (error) {
          // Nobody holds it, or a DID that this PDS does not (any longer) host.
          if (['HandleNotFound', 'NotFound'].includes(pdsAnswer(error)?.error ?? '')) return null
          if (pdsAnswer(error)?.message === 'Unable to resolve handle') return null
          throw error
        }
      }),

    accountByDid,

    setEmail: (did, email) =>
      inPds(async () => {
        try {
          await admin.updateAccountEmail(
            { account: did, email },
            { ...asAdmin, encoding: 'application/json' },
          )
        } catch (error) {
          // An address that is taken is answered like any fault of the PDS's own.
          if (pdsAnswer(error)?.status !== 500 || !(await isAddressHeld(agent, asAdmin, email))) throw error
          throw new PdsRefusedError('email-taken', error)
        }
      }),

    changeHandle: ({ did, password, handle }) =>
      inPds(async () => {
        const accessJwt = await session(did, password)
        if (accessJwt === null) return false
        await identity.updateHandle(
          { handle },
          { headers: { authorization: `Bearer ${accessJwt}` }, encoding: 'application/json' },
        )
        return true
      }),

    changeHandleAsAdmin: (did, handle) =>
      inPds(async () => {
        await admin.updateAccountHandle({ did, handle }, { ...asAdmin, encoding: 'application/json' })
      }),

    deleteAccount: (did) =>
      inPds(async () => {
        await admin.deleteAccount({ did }, { ...asAdmin, encoding: 'application/json' })
      }),

    setPassword: (did, password) =>
      inPds(async () => {
        await admin.updateAccountPassword({ did, password }, { ...asAdmin, encoding: 'application/json' })
      }),

    inviteCode: ({ fresh } = { fresh: false }) =>
      inPds(async () => {
        if (fresh) invitesAsked = null
        invitesAsked ??= (await server.describeServer()).data.inviteCodeRequired === true
        if (!invitesAsked) return null
        const { data } = await server.createInviteCode(
          { useCount: 1 },
          { ...asAdmin, encoding: 'application/json' },
        )
        return data.code
      }),
  }
}
