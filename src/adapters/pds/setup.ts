import { AtpAgent } from '@atproto/api'
import { callPds, pdsAnswer } from './errors.ts'
import { fetchFromPds } from './fetch.ts'

const ANSWER_MS = 10_000
/** The most accounts to examine for one whose DID resolves. */
const REPOS = 3

export interface PdsDescription {
  readonly domains: readonly string[]
  readonly inviteRequired: boolean
  /** The remaining calls within the rate limit, where the PDS has one. */
  readonly limit: { readonly remaining: number; readonly of: number } | null
}

/** The setup of a PDS. Errors are named problems, as in the other adapters. */
export interface PdsSetup {
  describe(): Promise<PdsDescription>
  /** Fails with `pds-admin-refused` when the admin password is wrong. */
  tryAdmin(): Promise<void>
  /** Makes an invite code and disables it again. */
  tryInvite(): Promise<void>
  /** Whether the PDS resolves the DID of an account of its own, if only from its cache; null where it has none. */
  resolvesDids(): Promise<boolean | null>
}

export function createPdsSetup({ url, adminPassword }: { url: string; adminPassword: string }): PdsSetup {
  const agent = new AtpAgent({
    service: url,
    fetch: (input: Parameters<typeof fetch>[0], init?: RequestInit) =>
      fetchFromPds(input, { ...init, signal: AbortSignal.timeout(ANSWER_MS) }),
  })
  const { server, admin, sync, repo } = agent.com.atproto
  const headers = { authorization: `Basic ${Buffer.from(`admin:${adminPassword}`).toString('base64')}` }
  const asAdmin = { headers, encoding: 'application/json' } as const

  return {
    describe: () =>
      callPds(async () => {
        const { data, headers: said } = await server.describeServer()
        const of = Number(said['ratelimit-limit'])
        const remaining = Number(said['ratelimit-remaining'])
        return {
          domains: data.availableUserDomains,
          inviteRequired: data.inviteCodeRequired === true,
          limit: Number.isFinite(of) && Number.isFinite(remaining) ? { remaining, of } : null,
        }
      }),

    tryAdmin: () =>
      callPds(async () => {
        await admin.getInviteCodes({ limit: 1 }, { headers })
      }),

    tryInvite: () =>
      callPds(async () => {
        const { data } = await server.createInviteCode({ useCount: 1 }, asAdmin)
        await admin.disableInviteCodes({ codes: [data.code] }, asAdmin)
      }),

    resolvesDids: () =>
      callPds(async () => {
        const { data } = await sync.listRepos({ limit: REPOS })
        const active = data.repos.find((one) => one.active !== false)
        if (active === undefined) return null
        try {
          await repo.describeRepo({ repo: active.did })
          return true
        } catch (error) {
          if (pdsAnswer(error)?.message.startsWith('Could not resolve DID') === true) return false
          throw error
        }
      }),
  }
}
