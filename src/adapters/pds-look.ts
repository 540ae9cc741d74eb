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
}

/** Looks at one PDS without changing anything. `signal` ends a call before its own limit. */
export function createPdsLook(
  pds: { url: string; adminPassword: string },
  signal: () => AbortSignal | undefined = () => undefined,
): PdsLook {
  const { agent, asAdmin } = pdsAgent(pds, signal)
  const { admin, sync } = agent.com.atproto
  return {
    ping: () =>
      inPds(async () => {
        await agent.com.atproto.server.describeServer()
        await admin.getInviteCodes({ limit: 1 }, asAdmin)
      }),
    account: (did) =>
      inPds(async () => {
        try {
          const [{ data }, repo] = await Promise.all([
            admin.getAccountInfo({ did }, asAdmin),
            sync.getRepoStatus({ did }),
          ])
          const { handle, email = null, deactivatedAt } = data
          return { did, handle, email, deactivated: deactivatedAt !== undefined, active: repo.data.active }
        } catch (error) {
          if (['NotFound', 'RepoNotFound'].includes(pdsAnswer(error)?.error ?? '')) return null
          if (/not find|not found/i.test(pdsAnswer(error)?.message ?? '')) return null
          throw error
        }
      }),
  }
}
