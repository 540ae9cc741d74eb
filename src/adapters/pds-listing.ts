import pMap from 'p-map'
import { pdsAgent } from './pds-agent.ts'
import { inPds, pdsAnswer } from './pds-errors.ts'

/** DIDs in one request: they travel in its first line, which servers bound at 16 KB. */
const INFOS_AT_ONCE = 150
/** Requests for them under way at once. */
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
  /** What the PDS knows of these accounts, in few calls; those it does not host are left out. */
  infos(dids: readonly string[]): Promise<AccountInfo[]>
  /** Asks for one repository under its DID, which makes the PDS resolve it: `active`, or why it does not answer. */
  repoState(did: string): Promise<string>
}

const STATES: Readonly<Record<string, string>> = {
  RepoNotFound: 'not on the PDS',
  RepoTakendown: 'takendown',
  RepoDeactivated: 'deactivated',
  RepoSuspended: 'suspended',
}

/** The accounts of one PDS in pages and batches, for audits. Failures are named as elsewhere. */
export function createPdsListing(
  pds: { url: string; adminPassword: string },
  signal: () => AbortSignal | undefined = () => undefined,
): PdsListing {
  const { agent, asAdmin } = pdsAgent(pds, signal)
  const { admin, repo, sync } = agent.com.atproto
  const batch = async (dids: string[]): Promise<AccountInfo[]> => {
    const { data } = await inPds(() => admin.getAccountInfos({ dids }, asAdmin))
    return data.infos.map(({ did, handle, email, indexedAt, deactivatedAt }) => ({
      did,
      handle,
      email: email ?? null,
      createdAt: moment(indexedAt),
      deactivated: deactivatedAt !== undefined,
    }))
  }

  return {
    repos: (cursor, limit) =>
      inPds(async () => {
        const { data } = await sync.listRepos({ limit, ...(cursor === null ? {} : { cursor }) })
        const repos = data.repos.map(({ did, active, status }) => ({
          did,
          state: active === false ? (status ?? 'inactive') : 'active',
        }))
        return { repos, next: repos.length === 0 ? null : (data.cursor ?? null) }
      }),

    async infos(dids) {
      const batches = Array.from({ length: Math.ceil(dids.length / INFOS_AT_ONCE) }, (_, index) =>
        dids.slice(index * INFOS_AT_ONCE, (index + 1) * INFOS_AT_ONCE),
      )
      return (await pMap(batches, batch, { concurrency: SIDE_BY_SIDE })).flat()
    },

    repoState: (did) =>
      inPds(async () => {
        try {
          await repo.describeRepo({ repo: did })
          return 'active'
        } catch (error) {
          const answer = pdsAnswer(error)
          if (answer?.status !== 400) throw error
          if (/resolve DID/i.test(answer.message)) return 'not resolvable'
          return (
            STATES[answer.error] ?? (/not find repo/i.test(answer.message) ? 'not on the PDS' : answer.error)
          )
        }
      }),
  }
}

function moment(text: string): Date | null {
  const date = new Date(text)
  return Number.isNaN(date.getTime()) ? null : date
}
