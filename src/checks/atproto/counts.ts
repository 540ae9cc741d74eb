import { AtpAgent } from '@atproto/api'
import type { Db } from 'mongodb'
import { fetchFromPds } from '../../adapters/pds/fetch.ts'
import { PROBE_IDENTITIES } from '../../domain/atproto/probe.ts'

const PAGE = 1_000
/** More accounts than this are not counted page by page while an operator waits. */
const MOST_PAGES = 200
const ANSWER_MS = 10_000

/** Records of the application, without those of probes. */
export async function recordCounts(db: Db): Promise<Record<'verifications' | 'users' | 'handles', number>> {
  const count = async (name: string): Promise<number> => {
    const collection = db.collection<{ _id: string }>(name)
    const [all, probes] = await Promise.all([
      collection.countDocuments(), // the estimate includes writes of a transaction that was rolled back
      collection.countDocuments({ _id: PROBE_IDENTITIES }),
    ])
    return all - probes
  }
  const [verifications, users, handles] = await Promise.all(['verifications', 'users', '@handles'].map(count))
  return { verifications: verifications ?? 0, users: users ?? 0, handles: handles ?? 0 }
}

/** Repositories on the PDS; null where there are too many to be counted while an operator waits. */
export async function accountCount(url: string): Promise<number | null> {
  const { sync } = new AtpAgent({
    service: url,
    fetch: (input: Parameters<typeof fetch>[0], init?: RequestInit) =>
      fetchFromPds(input, { ...init, signal: AbortSignal.timeout(ANSWER_MS) }),
  }).com.atproto
  let count = 0
  let cursor: string | undefined
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const { data } = await sync.listRepos({ limit: PAGE, ...(cursor === undefined ? {} : { cursor }) })
    count += data.repos.length
    cursor = data.cursor
    if (cursor === undefined) return count
  }
  return null
}
