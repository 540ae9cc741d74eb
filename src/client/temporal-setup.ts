import { Client, Connection } from '@temporalio/client'
import type { Sections } from '../config.ts'
import { GRPC, grpcAnswer, hasGrpcCode, isTemporalUnavailable, missingNamespace } from './grpc-errors.ts'
import { withDeadline } from './temporal.ts'
import { countRuns, type VisibilityQuery } from './visibility.ts'

const DENIED = [GRPC.permissionDenied, GRPC.unauthenticated]

/** Temporal's numbers for the types of search attributes, by the names its command uses. */
const TYPES = ['Unspecified', 'Text', 'Keyword', 'Int', 'Double', 'Bool', 'Datetime', 'KeywordList']

/** The setup of the namespace, as the server reports it. */
export interface TemporalSetup {
  readonly client: Client
  /** Retention in seconds. */
  namespace(): Promise<{ retentionSeconds: number }>
  /**
   * Custom search attributes and their types; null where the server shows them only to its own operators (Temporal
   * Cloud).
   */
  searchAttributes(): Promise<ReadonlyMap<string, string> | null>
  close(): Promise<void>
}

/** Needs no encryption key, since it reads no encrypted payload. */
export function connectTemporalSetup({ connection, namespace }: Sections['temporal']): TemporalSetup {
  const client = new Client({ connection: Connection.lazy(connection), namespace })
  return {
    client,

    async namespace() {
      const { config } = await withDeadline(client, () =>
        client.workflowService.describeNamespace({ namespace }),
      )
      return { retentionSeconds: Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) }
    },

    async searchAttributes() {
      try {
        const { customAttributes } = await withDeadline(client, () =>
          client.connection.operatorService.listSearchAttributes({ namespace }),
        )
        return new Map(
          Object.entries(customAttributes ?? {}).map(([name, type]) => [name, TYPES[type] ?? `type ${type}`]),
        )
      } catch (error) {
        if (hasGrpcCode(error, ...DENIED, GRPC.unimplemented)) return null
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

/** The connection problem that a failed call shows; null for every other error. */
export function temporalRefusal(error: unknown): TemporalRefusal | null {
  const missing = missingNamespace(error)
  if (missing !== null) return { kind: 'namespace-missing', answer: missing }
  const answer = grpcAnswer(error)
  if (answer === null) return null
  const said = { answer: answer.details }
  if (isTemporalUnavailable(error)) return { kind: 'unreachable', ...said }
  if (hasGrpcCode(error, ...DENIED)) return { kind: 'denied', ...said }
  return answer.code === GRPC.notFound && /namespace/i.test(answer.details)
    ? { kind: 'namespace-missing', ...said }
    : null
}

/** Number of workflows that match a query; null where the namespace does not have the search attributes in it. */
export async function countWorkflows(client: Client, query: VisibilityQuery): Promise<number | null> {
  try {
    return await countRuns(client, query)
  } catch (error) {
    if (lacksAttributes(error)) return null
    throw error
  }
}

/** Whether Temporal refused a query, which it does where the namespace does not have the search attributes in it. */
export function lacksAttributes(error: unknown): boolean {
  return hasGrpcCode(error, GRPC.invalidArgument)
}
