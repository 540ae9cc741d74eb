import { WorkflowNotFoundError, type Client } from '@temporalio/client'
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js'
import { parseSignupWorkflowId, signupWorkflowId, type IdentityHash } from '../contracts/ids.ts'
import type { SignupInput } from '../contracts/signup.ts'
import type { PersonRef, System } from '../contracts/systems.ts'
import { GRPC, hasGrpcCode } from './grpc-errors.ts'
import { withDeadline } from './temporal.ts'
import { allConditions, pageOfRuns, signupsOf, visibility } from './visibility.ts'

/** People whose hash this process remembers, and runs that one search reads. */
const MOST = 100_000
const PAGE = 1_000
/** Visibility lags behind, so each search begins a little before the last one. */
const OVERLAP_MS = 60_000
const HASH = /^[0-9a-f]{64}$/

/** Finds people by the keyed hash that names them in an address. */
export interface PeopleByHash {
  /** Returns the person's hash, and remembers whose it is. */
  remember(person: PersonRef): string
  /** Null for a hash of which neither this process nor Temporal knows the person. */
  find(hash: string): Promise<PersonRef | null>
}

/**
 * A hash cannot be reversed: Temporal's signups are read once, and then the new ones only, however many hashes are asked
 * for. `tenants`: of the system.
 */
export function createPeopleByHash(
  client: Client,
  system: System,
  hash: IdentityHash,
  tenants: () => readonly string[],
): PeopleByHash {
  const known = new Map<string, PersonRef>()
  let searchedAt: number | null = null
  let searching: Promise<void> | null = null

  const put = (key: string, person: PersonRef): void => {
    known.delete(key)
    known.set(key, person)
    const [oldest] = known.keys()
    if (known.size > MOST && oldest !== undefined) known.delete(oldest)
  }

  const search = async (): Promise<void> => {
    const begunAt = Date.now()
    const query =
      searchedAt === null
        ? signupsOf(system)
        : allConditions([signupsOf(system), visibility`StartTime > ${new Date(searchedAt - OVERLAP_MS)}`])
    let next: Uint8Array | undefined
    for (let read = 0; read < MOST; read += PAGE) {
      const page = await pageOfRuns(client, query, { size: PAGE, ...(next === undefined ? {} : { next }) })
      for (const { workflowId } of page.runs) {
        const person = parseSignupWorkflowId(workflowId)
        if (person?.system !== system || HASH.test(person.identity)) continue
        put(hash(person.identity), { tenant: person.tenant, identity: person.identity })
      }
      next = page.next
      if (next.length === 0) break
    }
    searchedAt = begunAt
  }

  /** A person whose identity holds an address is named by the hash at Temporal too; the signup's input has the identity. */
  const named = async (key: string): Promise<PersonRef | null> => {
    for (const tenant of tenants()) {
      const identity = await identityOf(client, signupWorkflowId(system, tenant, key, hash))
      if (identity !== null && hash(identity) === key) return { tenant, identity }
    }
    return null
  }

  return {
    remember({ tenant, identity }) {
      const key = HASH.test(identity) ? identity : hash(identity)
      if (key !== identity) put(key, { tenant, identity })
      return key
    },
    async find(key) {
      const before = known.get(key)
      if (before !== undefined) return before
      const addressed = await named(key)
      if (addressed !== null) {
        put(key, addressed)
        return addressed
      }
      searching ??= search().finally(() => {
        searching = null
      })
      await searching
      return known.get(key) ?? null
    },
  }
}

/** The identity in the input of a signup's latest run; null where there is none. */
async function identityOf(client: Client, workflowId: string): Promise<string | null> {
  try {
    const { history } = await withDeadline(client, () =>
      client.workflowService.getWorkflowExecutionHistory({
        namespace: client.options.namespace,
        execution: { workflowId },
        maximumPageSize: 1,
      }),
    )
    const payloads = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? []
    const [input] = await decodeArrayFromPayloads(client.options.loadedDataConverter, payloads)
    return (input as SignupInput | undefined)?.identity ?? null
  } catch (error) {
    if (error instanceof WorkflowNotFoundError || hasGrpcCode(error, GRPC.notFound)) return null
    throw error
  }
}
