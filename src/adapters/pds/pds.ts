import { OutsideError } from '../../domain/outside-error.ts'
import { createPdsAgent } from './agent.ts'
import { isEmailTaken } from './address.ts'
import { callPds, pdsAnswer, PdsRefusedError } from './errors.ts'

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

/** An account as the admin sees it. */
export interface PdsAccountForAdmin extends PdsAccount {
  readonly email: string | null
  /** Its time of creation at this PDS, by the PDS's clock; null where the PDS does not say. */
  readonly createdAt: Date | null
}

export interface Pds {
  /** Fails with `pds-rate-limited` while the PDS is known to accept no more accounts; sends no request. */
  assertAccountsAllowed(): Promise<void>
  /** Not idempotent, and a call whose answer is lost may still have created the account: look it up before a retry. */
  createAccount(account: NewPdsAccount): Promise<PdsAccount>
  /** The account that this address and password open, which proves it is ours; null where they open none. */
  accountByLogin(email: string, password: string): Promise<PdsAccount | null>
  /** The holder of a handle, read as the admin; null where there is none. */
  accountByHandle(handle: string): Promise<PdsAccountForAdmin | null>
  /** An account read as the admin, taken down or not; null where this PDS hosts no such account. */
  accountByDid(did: string): Promise<(PdsAccount & { readonly email: string | null }) | null>
  /** Sets a password, which revokes the account's sessions; app passwords stay. */
  setPassword(did: string, password: string): Promise<void>
  /**
   * Revokes every app password of the account that this password opens, and verifies that none is left. False where it
   * opens none, as for a taken-down account.
   */
  revokeAppPasswords(account: { did: string; password: string }): Promise<boolean>
  /**
   * The keys that this PDS gives the DIDs of its accounts, which any account's session can query; null where the
   * password opens none.
   */
  ownRotationKeys(account: { did: string; password: string }): Promise<readonly string[] | null>
  /** Refuses with `email-taken` when an account has the address: another one, or already this one. */
  setEmail(did: string, email: string): Promise<void>
  /**
   * Changes the handle in the name of the account's owner, so that the PDS applies its usual rules. False where the
   * password does not open the account.
   */
  changeHandle(account: { did: string; password: string; handle: string }): Promise<boolean>
  /** Changes the handle as the admin, who may also give reserved names: check the name first. */
  changeHandleAsAdmin(did: string, handle: string): Promise<void>
  /** Deletes an account permanently. The answer is the same where there was none: look it up afterwards. */
  deleteAccount(did: string): Promise<void>
  /** A single-use invite code where the PDS requires one, else null. `fresh` queries again whether it does. */
  inviteCode(options?: { fresh: boolean }): Promise<string | null>
}

/**
 * Calls to one PDS. Each ends within twelve seconds, or sooner when `signal` aborts it; errors are named problems. A
 * method whose limit is used up is not called again before its reset.
 */
export function createPds(
  { url, adminPassword }: { url: string; adminPassword: string },
  signal: () => AbortSignal | undefined = () => undefined,
): Pds {
  const { agent, asAdmin, gate } = createPdsAgent({ url, adminPassword }, signal)
  const { server, admin, identity } = agent.com.atproto
  let invitesAsked: boolean | null = null

  const accountByDid: Pds['accountByDid'] = (did) =>
    callPds(async () => {
      try {
        const { data } = await admin.getAccountInfo({ did }, asAdmin)
        return { did: data.did, handle: data.handle, email: data.email ?? null }
      } catch (error) {
        if (pdsAnswer(error)?.error === 'NotFound') return null
        throw error
      }
    })

  const openSession = async (identifier: string, password: string) => {
    try {
      const { data } = await server.createSession({ identifier, password })
      return { access: bearer(data.accessJwt), refresh: bearer(data.refreshJwt) }
    } catch (error) {
      if (pdsAnswer(error)?.status === 401) return null
      throw error
    }
  }

  return {
    assertAccountsAllowed: async () => gate.check(CREATE_ACCOUNT),

    createAccount: ({ handle, email, password, inviteCode }) =>
      callPds(async () => {
        const { data } = await server.createAccount({
          handle,
          email,
          password,
          ...(inviteCode === null ? {} : { inviteCode }),
        })
        return { did: data.did, handle: data.handle }
      }),

    accountByLogin: (email, password) =>
      callPds(async () => {
        try {
          const { data } = await server.createSession({ identifier: email, password })
          return { did: data.did, handle: data.handle }
        } catch (error) {
          if (pdsAnswer(error)?.status === 401) return null
          throw error
        }
      }),

    accountByHandle: (handle) =>
      callPds(async () => {
        try {
          const found = await identity.resolveHandle({ handle })
          const { data } = await admin.getAccountInfo({ did: found.data.did }, asAdmin)
          if (data.handle !== handle) return null
          const createdAt = new Date(data.indexedAt)
          return {
            did: data.did,
            handle,
            email: data.email ?? null,
            createdAt: Number.isNaN(createdAt.getTime()) ? null : createdAt,
          }
        } catch (error) {
          // The handle is free, or belongs to a DID that this PDS does not host.
          if (['HandleNotFound', 'NotFound'].includes(pdsAnswer(error)?.error ?? '')) return null
          if (pdsAnswer(error)?.message === 'Unable to resolve handle') return null
          throw error
        }
      }),

    accountByDid,

    setEmail: (did, email) =>
      callPds(async () => {
        try {
          await admin.updateAccountEmail(
            { account: did, email },
            { ...asAdmin, encoding: 'application/json' },
          )
        } catch (error) {
          // The PDS answers a taken address with the same status as an internal error.
          if (pdsAnswer(error)?.status !== 500 || !(await isEmailTaken(agent, asAdmin, email))) throw error
          throw new PdsRefusedError('email-taken', error)
        }
      }),

    changeHandle: ({ did, password, handle }) =>
      callPds(async () => {
        const opened = await openSession(did, password)
        if (opened === null) return false
        await identity.updateHandle({ handle }, { ...opened.access, encoding: 'application/json' })
        return true
      }),

    changeHandleAsAdmin: (did, handle) =>
      callPds(async () => {
        await admin.updateAccountHandle({ did, handle }, { ...asAdmin, encoding: 'application/json' })
      }),

    deleteAccount: (did) =>
      callPds(async () => {
        await admin.deleteAccount({ did }, { ...asAdmin, encoding: 'application/json' })
      }),

    setPassword: (did, password) =>
      callPds(async () => {
        await admin.updateAccountPassword({ did, password }, { ...asAdmin, encoding: 'application/json' })
      }),

    revokeAppPasswords: ({ did, password }) =>
      callPds(async () => {
        const opened = await openSession(did, password)
        if (opened === null) return false
        const { data } = await server.listAppPasswords({}, opened.access)
        for (const { name } of data.passwords)
          await server.revokeAppPassword({ name }, { ...opened.access, encoding: 'application/json' })
        const left = await server.listAppPasswords({}, opened.access)
        if (left.data.passwords.length > 0)
          throw new OutsideError(
            'pds-failing',
            'app passwords of an account are left after they were revoked',
            {
              detail: { answer: 'it lists app passwords that it has revoked' },
            },
          )
        await server.deleteSession(undefined, opened.refresh)
        return true
      }),

    ownRotationKeys: ({ did, password }) =>
      callPds(async () => {
        const opened = await openSession(did, password)
        if (opened === null) return null
        const { data } = await identity.getRecommendedDidCredentials({}, opened.access)
        await server.deleteSession(undefined, opened.refresh)
        return data.rotationKeys ?? []
      }),

    inviteCode: ({ fresh } = { fresh: false }) =>
      callPds(async () => {
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

function bearer(token: string): { headers: { authorization: string } } {
  return { headers: { authorization: `Bearer ${token}` } }
}
