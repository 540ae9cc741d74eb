import { AtpAgent } from '@atproto/api'
import { inPds, pdsAnswer } from './pds-errors.ts'

const ANSWER_MS = 10_000
/** Accounts looked at for one whose DID can be resolved. */
const REPOS = 3

export interface PdsDescription {
  readonly domains: readonly string[]
  readonly inviteRequired: boolean
  /** What is left of the limit of calls, where the PDS has one. */
  readonly limit: { readonly remaining: number; readonly of: number } | null
}

/** How a PDS is set up. Failures are named problems, as everywhere. */
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
      fetch(input, { ...init, signal: AbortSignal.timeout(ANSWER_MS) }),
  })
  const { server, admin, sync, repo } = agent.com.atproto
  const headers = { authorization: `Basic ${Buffer.from(`admin:${adminPassword}`).toString('base64')}` }
  const asAdmin = { headers, encoding: 'application/json' } as const

  return {
    describe: () =>
      inPds(async () => {
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
      inPds(async () => {
        await admin.getInviteCodes({ limit: 1 }, { headers })
      }),

    tryInvite: () =>
      inPds(async () => {
        const { data } = await server.createInviteCode({ useCount: 1 }, asAdmin)
        await admin.disableInviteCodes({ codes: [data.code] }, asAdmin)
      }),

    resolvesDids: () =>
      inPds(async () => {
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
