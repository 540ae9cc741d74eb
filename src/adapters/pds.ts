import { pdsAgent } from './pds-agent.ts'
import { inPds, pdsAnswer } from './pds-errors.ts'

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
  /** Not idempotent, and an answer that is lost may still have made the account: look before a repeat. */
  createAccount(account: NewPdsAccount): Promise<PdsAccount>
  /** The account that this address and password open, which proves it is ours; null where they open none. */
  accountByLogin(email: string, password: string): Promise<PdsAccount | null>
  /** Who holds a handle, by the admin's eyes; null where nobody does. */
  accountByHandle(handle: string): Promise<(PdsAccount & { readonly email: string | null }) | null>
  setPassword(did: string, password: string): Promise<void>
  /** A single-use invite code where the PDS asks for one, else null. `fresh` forgets what it asked for before. */
  inviteCode(options?: { fresh: boolean }): Promise<string | null>
}

/** Calls to one PDS. Each ends within twelve seconds, or sooner when `signal` says so; failures are named problems. */
export function createPds(
  { url, adminPassword }: { url: string; adminPassword: string },
  signal: () => AbortSignal | undefined = () => undefined,
): Pds {
  const { agent, asAdmin } = pdsAgent({ url, adminPassword }, signal)
  const { server, admin, identity } = agent.com.atproto
  let invitesAsked: boolean | null = null

  return {
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
