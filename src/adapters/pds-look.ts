import { pdsAgent } from './pds-agent.ts'
import { inPds, pdsAnswer } from './pds-errors.ts'

export interface PdsAccountNow {
  readonly did: string
  readonly handle: string
  readonly email: string | null
  readonly deactivated: boolean
  /** Whether its repository is served; false for one that was taken down, say. */
  readonly active: boolean
}

export interface PdsLook {
  /** The PDS is up and takes our admin password. Says nothing of the PLC directory, which only an account needs. */
  ping(): Promise<void>
  /** An account as it is now; null where the PDS does not host it. */
  account(did: string): Promise<PdsAccountNow | null>
  /** The account that has this handle; null where none has. */
  accountByHandle(handle: string): Promise<PdsAccountNow | null>
}

/** Looks at one PDS without changing anything. `signal` ends a call before its own limit. */
export function createPdsLook(
  pds: { url: string; adminPassword: string },
  signal: () => AbortSignal | undefined = () => undefined,
): PdsLook {
  const { agent, asAdmin } = pdsAgent(pds, signal)
  const { admin, identity, sync } = agent.com.atproto
  return {
    ping: () =>
      inPds(async () => {
        await agent.com.atproto.server.describeServer()
        await admin.getInviteCodes({ limit: 1 }, asAdmin)
      }),
    account: (did) => inPds(() => accountNow(did)),
    accountByHandle: (handle) =>
      inPds(async () => {
        const found = await orNull(() => identity.resolveHandle({ handle }))
        return found === null ? null : accountNow(found.data.did)
      }),
  }

  async function accountNow(did: string): Promise<PdsAccountNow | null> {
    const info = await orNull(() => admin.getAccountInfo({ did }, asAdmin))
    if (info === null) return null
    const repo = await orNull(() => sync.getRepoStatus({ did }))
    const { handle, email = null, deactivatedAt } = info.data
    const deactivated = deactivatedAt !== undefined
    return { did, handle, email, deactivated, active: repo?.data.active ?? false }
  }
}

/** Null for what the PDS does not have, in the several ways it says so. */
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
