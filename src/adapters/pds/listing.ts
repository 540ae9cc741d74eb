import pMap from 'p-map'
import { createPdsAgent } from './agent.ts'
import { callPds, pdsAnswer } from './errors.ts'

/** DIDs per request: they are part of its first line, which servers limit to 16 KB. */
const INFOS_AT_ONCE = 150
/** Such requests in flight at once. */
const SIDE_BY_SIDE = 4

export interface ListedRepo {
  readonly did: string
  /** `active`, or why it is not: `deactivated`, `takendown`, … */
  readonly state: string
}

export interface AccountInfo {
  readonly did: string
  readonly handle: string
  readonly email: string | null
  readonly createdAt: Date | null
  readonly deactivated: boolean
}

export interface PdsListing {
  /** A page of all accounts, oldest first; `next` is null after the last. */
  repos(cursor: string | null, limit: number): Promise<{ repos: ListedRepo[]; next: string | null }>
  /** The PDS's data on these accounts, in few calls; those it does not host are left out. */
  accountInfos(dids: readonly string[]): Promise<AccountInfo[]>
  /**
   * Queries one repository by its DID, which makes the PDS resolve it: `active`, or the reason why it is not served.
   */
  repoState(did: string): Promise<string>
}

const STATES: Readonly<Record<string, string>> = {
  RepoNotFound: 'not on the PDS',
  RepoTakendown: 'takendown',
  RepoDeactivated: 'deactivated',
  RepoSuspended: 'suspended',
}

/** The accounts of one PDS in pages and batches, for audits. Errors are classified as in the other adapters. */
export function createPdsListing(
  pds: { url: string; adminPassword: string },
  signal: () => AbortSignal | undefined = () => undefined,
): PdsListing {
  const { agent, asAdmin } = createPdsAgent(pds, signal)
  const { admin, repo, sync } = agent.com.atproto
  const batch = async (dids: string[]): Promise<AccountInfo[]> => {
    const { data } = await callPds(() => admin.getAccountInfos({ dids }, asAdmin))
    return data.infos.map(({ did, handle, email, indexedAt, deactivatedAt }) => ({
      did,
      handle,
      email: email ?? null,
      createdAt: parseDate(indexedAt),
      deactivated: deactivatedAt !== undefined,
    }))
  }

  return {
    repos: (cursor, limit) =>
      callPds(async () => {
        const { data } = await sync.listRepos({ limit, ...(cursor === null ? {} : { cursor }) })
        const repos = data.repos.map(({ did, active, status }) => ({
          did,
          state: active === false ? (status ?? 'inactive') : 'active',
        }))
        return { repos, next: repos.length === 0 ? null : (data.cursor ?? null) }
      }),

    async accountInfos(dids) {
      const batches = Array.from({ length: Math.ceil(dids.length / INFOS_AT_ONCE) }, (_, index) =>
        dids.slice(index * INFOS_AT_ONCE, (index + 1) * INFOS_AT_ONCE),
      )
      return (await pMap(batches, batch, { concurrency: SIDE_BY_SIDE })).flat()
    },

    repoState: (did) =>
      callPds(async () => {
        try {
          await repo.describeRepo({ repo: did })
          return 'active'
        } catch (error) {
          const answer = pdsAnswer(error)
          if (answer?.status !== 400) throw error
          // The account exists; only a DID that is unknown to the directory, or tombstoned, does not resolve.
          if (answer.message.startsWith('Could not resolve DID'))
            return /: (?:Could not resolve DID|Gone)/.test(answer.message) ? 'not resolvable' : 'active'
          return STATES[answer.error] ?? answer.error
        }
      }),
  }
}

function parseDate(text: string): Date | null {
  const date = new Date(text)
  return Number.isNaN(date.getTime()) ? null : date
}
