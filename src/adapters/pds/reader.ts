import { createPdsAgent } from './agent.ts'
import { callPds, pdsAnswer } from './errors.ts'

export interface PdsAccountStatus {
  readonly did: string
  readonly handle: string
  readonly email: string | null
  readonly deactivated: boolean
  /** Whether its repository is served; false for a taken-down one, for example. */
  readonly active: boolean
}

export interface PdsReader {
  /**
   * Verifies that the PDS is up and accepts the admin password. Does not cover the PLC directory, which only accounts
   * need.
   */
  ping(): Promise<void>
  /** An account as it is now; null where the PDS does not host it. */
  account(did: string): Promise<PdsAccountStatus | null>
  /** The account that has this handle; null where none has. */
  accountByHandle(handle: string): Promise<PdsAccountStatus | null>
}

/** Reads from one PDS and changes nothing. `signal` ends a call before its own limit. */
export function createPdsReader(
  pds: { url: string; adminPassword: string },
  signal: () => AbortSignal | undefined = () => undefined,
): PdsReader {
  const { agent, asAdmin } = createPdsAgent(pds, signal)
  const { admin, identity, sync } = agent.com.atproto
  return {
    ping: () =>
      callPds(async () => {
        await agent.com.atproto.server.describeServer()
        await admin.getInviteCodes({ limit: 1 }, asAdmin)
      }),
    account: (did) => callPds(() => accountNow(did)),
    accountByHandle: (handle) =>
      callPds(async () => {
        const found = await orNull(() => identity.resolveHandle({ handle }))
        return found === null ? null : accountNow(found.data.did)
      }),
  }

  async function accountNow(did: string): Promise<PdsAccountStatus | null> {
    const info = await orNull(() => admin.getAccountInfo({ did }, asAdmin))
    if (info === null) return null
    const repo = await orNull(() => sync.getRepoStatus({ did }))
    const { handle, email = null, deactivatedAt } = info.data
    const deactivated = deactivatedAt !== undefined
    return { did, handle, email, deactivated, active: repo?.data.active ?? false }
  }
}

/** Null for data that the PDS does not have, in any of the ways it reports that. */
async function orNull<T>(question: () => Promise<T>): Promise<T | null> {
  try {
    return await question()
  } catch (error) {
    const answer = pdsAnswer(error)
    const absent = ['HandleNotFound', 'NotFound', 'RepoNotFound', 'AccountNotFound'].includes(
      answer?.error ?? '',
    )
    if (absent || /not found|could not find|unable to resolve handle/i.test(answer?.message ?? ''))
      return null
    throw error
  }
}
