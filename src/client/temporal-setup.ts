import {
  Client,
  Connection,
  isGrpcServiceError,
  NamespaceNotFoundError,
  ServiceError,
} from '@temporalio/client'
import type { Sections } from '../config.ts'
import { inTime } from './temporal.ts'

/** gRPC's own numbers. */
const AWAY = new Set([4, 14])
const INVALID_ARGUMENT = 3
const NOT_FOUND = 5
const DENIED = new Set([7, 16])
const UNIMPLEMENTED = 12

/** Temporal's numbers for the types of search attributes, by the names its command uses. */
const TYPES = ['Unspecified', 'Text', 'Keyword', 'Int', 'Double', 'Bool', 'Datetime', 'KeywordList']

/** How the namespace is set up, as the server itself tells. */
export interface TemporalSetup {
  readonly client: Client
  /** Retention in seconds. */
  namespace(): Promise<{ retentionSeconds: number }>
  /** Custom search attributes and their types; null where the server lets only its own operators see them (Temporal Cloud). */
  searchAttributes(): Promise<ReadonlyMap<string, string> | null>
  close(): Promise<void>
}

/** It needs no key of ours: nothing that is sealed is read. */
export function connectTemporalSetup({ connection, namespace }: Sections['temporal']): TemporalSetup {
  const client = new Client({ connection: Connection.lazy(connection), namespace })
  return {
    client,

    async namespace() {
      const { config } = await inTime(client, () => client.workflowService.describeNamespace({ namespace }))
      return { retentionSeconds: Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) }
    },

    async searchAttributes() {
      try {
        const { customAttributes } = await inTime(client, () =>
          client.connection.operatorService.listSearchAttributes({ namespace }),
        )
        return new Map(
          Object.entries(customAttributes ?? {}).map(([name, type]) => [name, TYPES[type] ?? `type ${type}`]),
        )
      } catch (error) {
        if (isGrpcServiceError(error) && (DENIED.has(error.code) || error.code === UNIMPLEMENTED)) return null
        throw error
      }
    },

    close: () => client.connection.close(),
  }
}

export interface TemporalRefusal {
  readonly kind: 'unreachable' | 'denied' | 'namespace-missing'
  readonly answer: string
}

/** What a failed call says about the connection; null for every other error. */
export function temporalRefusal(error: unknown): TemporalRefusal | null {
  const answer = error instanceof ServiceError ? error.cause : error
  if (answer instanceof NamespaceNotFoundError) return { kind: 'namespace-missing', answer: answer.message }
  if (!isGrpcServiceError(answer)) return null
  const said = { answer: answer.details }
  if (AWAY.has(answer.code)) return { kind: 'unreachable', ...said }
  if (DENIED.has(answer.code)) return { kind: 'denied', ...said }
  return answer.code === NOT_FOUND && /namespace/i.test(answer.details)
    ? { kind: 'namespace-missing', ...said }
    : null
}

/** How many workflows fit a query; null where the namespace does not know the attributes it asks for. */
export async function countWorkflows(client: Client, query: string): Promise<number | null> {
  try {
    return (await inTime(client, () => client.workflow.count(query))).count
  } catch (error) {
    const answer = error instanceof ServiceError ? error.cause : error
    if (isGrpcServiceError(answer) && answer.code === INVALID_ARGUMENT) return null
    throw error
  }
}
