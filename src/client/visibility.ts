import type { Client, WorkflowExecutionInfo } from '@temporalio/client'
import { taskQueueOf, type System } from '../contracts/systems.ts'
import { workflowsOf } from '../contracts/vocabulary.ts'
import { withDeadline } from './temporal.ts'

const TEXT = Symbol('text')

/** A query of Temporal's visibility store. Only `visibility` creates one, so every value in it is escaped. */
export interface VisibilityQuery {
  readonly [TEXT]: string
}

type Value = string | Date | readonly string[] | VisibilityQuery

/** Rows of one page; Temporal returns no more than this. */
const PAGE = 1_000

/**
 * The only way to write a visibility query: visibility`WorkflowId = ${id} AND SignupProblem IN (${names})`. A string
 * and a date become a literal, a list becomes literals with commas between them, and a query is inserted as it is.
 */
export function visibility(parts: TemplateStringsArray, ...values: readonly Value[]): VisibilityQuery {
  const written = values.map((value, index) => literals(value) + (parts[index + 1] ?? ''))
  return { [TEXT]: (parts[0] ?? '') + written.join('') }
}

/** All of these conditions, joined with AND. */
export function allConditions(conditions: readonly VisibilityQuery[]): VisibilityQuery {
  return { [TEXT]: conditions.map((condition) => `(${condition[TEXT]})`).join(' AND ') }
}

/** The signups of one system; each system has a workflow type of its own for them. */
export function signupsOf(system: System): VisibilityQuery {
  return visibility`WorkflowType = ${workflowsOf(system).signup}`
}

/** All workflows of one system: several systems share a namespace and most workflow types, but no task queue. */
export function runsOf(system: System): VisibilityQuery {
  return visibility`TaskQueue = ${taskQueueOf(system)}`
}

/** The query as Temporal reads it: for a request that this module does not make itself. */
export function queryText(query: VisibilityQuery): string {
  return query[TEXT]
}

function literals(value: Value): string {
  if (typeof value === 'string') return literal(value)
  if (value instanceof Date) return literal(value.toISOString())
  return TEXT in value ? value[TEXT] : value.map(literal).join(', ')
}

/**
 * Within quotes Temporal's grammar interprets two characters: a backslash escapes the next character, and a quote ends
 * the literal. The backslash is escaped first, so that the escapes added by the second step stay as they are.
 *
 * Throws for a question mark, which nothing can escape: on Postgres the server takes it for a placeholder, and answers
 * that it is unavailable. Workflow ids hold none (`escapeForId`), nor does any name of ours.
 */
function literal(value: string): string {
  if (value.includes('?'))
    throw new TypeError('a value with a question mark cannot be searched for on Postgres')
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}

/** The runs that match, newest first, at most `most` of them. Visibility lags a moment behind. */
export async function* findRuns(
  client: Client,
  query: VisibilityQuery,
  { most }: { readonly most: number },
): AsyncGenerator<WorkflowExecutionInfo> {
  let count = 0
  for await (const run of client.workflow.list({ query: query[TEXT], pageSize: Math.min(most, PAGE) })) {
    yield run
    count += 1
    if (count >= most) return
  }
}

/**
 * All runs of one workflow, by its exact id, at most `most` of them. Each row is compared with that id: a store that
 * compares differently (without regard to case, say) must not return another person's runs.
 */
export async function* findRunsOf(
  client: Client,
  workflowId: string,
  { most }: { readonly most: number },
): AsyncGenerator<WorkflowExecutionInfo> {
  for await (const run of findRuns(client, visibility`WorkflowId = ${workflowId}`, { most }))
    if (run.workflowId === workflowId) yield run
}

/** Number of runs that match. */
export async function countRuns(client: Client, query: VisibilityQuery): Promise<number> {
  const { count } = await withDeadline(client, () => client.workflow.count(query[TEXT]))
  return count
}

export interface RunPage {
  readonly runs: readonly { readonly workflowId: string; readonly runId: string }[]
  /** Token for the next page; empty at the end. */
  readonly next: Uint8Array
}

/** One run as visibility shows it. Times are ISO 8601. */
export interface RunInfo {
  readonly workflowId: string
  readonly type: string
  readonly taskQueue: string
  readonly status: string
  readonly startedAt: string
  readonly closedAt: string | null
}

/** One page of the runs that match, with what visibility shows of each. */
export async function infoOfRuns(
  client: Client,
  query: VisibilityQuery,
  { size, next }: { size: number; next?: Uint8Array | undefined },
): Promise<{ readonly runs: readonly RunInfo[]; readonly next: Uint8Array }> {
  const { executions, nextPageToken } = await listed(client, query, size, next)
  return {
    runs: (executions ?? []).map(({ execution, type, taskQueue, status, startTime, closeTime }) => ({
      workflowId: execution?.workflowId ?? '',
      type: type?.name ?? '',
      taskQueue: taskQueue ?? '',
      status: STATUSES[Number(status)] ?? 'UNKNOWN',
      startedAt: isoOf(startTime) ?? '',
      closedAt: isoOf(closeTime),
    })),
    next: nextPageToken ?? new Uint8Array(),
  }
}

/** Temporal's names by their numbers, spelled as the SDK spells them. */
const STATUSES: readonly string[] = [
  'UNKNOWN',
  'RUNNING',
  'COMPLETED',
  'FAILED',
  'CANCELLED',
  'TERMINATED',
  'CONTINUED_AS_NEW',
  'TIMED_OUT',
]

interface Timestamp {
  readonly seconds?: unknown
  readonly nanos?: number | null
}

function isoOf(time: Timestamp | null | undefined): string | null {
  return time ? new Date(Number(time.seconds ?? 0) * 1_000 + (time.nanos ?? 0) / 1e6).toISOString() : null
}

/** One page of the runs that match. `answerMs`: how long Temporal may take, in milliseconds. */
export async function pageOfRuns(
  client: Client,
  query: VisibilityQuery,
  { size, next, answerMs }: { size: number; next?: Uint8Array | undefined; answerMs?: number | undefined },
): Promise<RunPage> {
  const { executions, nextPageToken } = await listed(client, query, size, next, answerMs)
  return {
    runs: (executions ?? []).map(({ execution }) => ({
      workflowId: execution?.workflowId ?? '',
      runId: execution?.runId ?? '',
    })),
    next: nextPageToken ?? new Uint8Array(),
  }
}

function listed(
  client: Client,
  query: VisibilityQuery,
  size: number,
  next: Uint8Array | undefined,
  answerMs?: number,
) {
  return withDeadline(
    client,
    () =>
      client.workflowService.listWorkflowExecutions({
        namespace: client.options.namespace,
        query: query[TEXT],
        pageSize: size,
        ...(next === undefined ? {} : { nextPageToken: next }),
      }),
    answerMs,
  )
}
