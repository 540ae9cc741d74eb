import type { z } from 'zod'
import type { OperatorRole } from '../../domain/operators.ts'
import type { RefusalName } from '../../contracts/shared/refusals.ts'
import type { IdentifiedOperator } from './identified.ts'

/** One address of the API, from which its handler, the check of the role and its description are made. */
export interface OperatorRoute {
  readonly method: 'get' | 'post'
  /** With `:name` for each parameter. */
  readonly path: string
  /** The least role that may send it. */
  readonly role: OperatorRole
  readonly summary: string
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  readonly body?: z.ZodType
  /** It takes the header `idempotency-key`: a request with the key of another one joins it. */
  readonly idempotent?: true
  readonly answer: RouteAnswer
  /** Refusals beside those that every address has. */
  readonly refusals?: readonly RefusalName[]
  /** Returns the answer's document, or its text. */
  handle(request: RouteRequest): Promise<unknown>
}

export interface RouteAnswer {
  readonly status: 200 | 201 | 202
  readonly description: string
  readonly schema: z.ZodType
  /** The type of an answer that is text and not JSON, such as metrics. */
  readonly text?: string
}

/** A request whose parts have the forms that its route declares. */
export interface RouteRequest<P = unknown, Q = unknown, B = unknown> {
  readonly params: P
  readonly query: Q
  readonly body: B
  readonly by: IdentifiedOperator
  header(name: string): string | undefined
}

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined

/** A route whose handler has the types of its declared parts. */
export function defineRoute<
  A extends z.ZodType,
  P extends z.ZodObject | undefined = undefined,
  Q extends z.ZodObject | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
>(
  route: Omit<OperatorRoute, 'params' | 'query' | 'body' | 'answer' | 'handle'> & {
    readonly params?: P
    readonly query?: Q
    readonly body?: B
    readonly answer: RouteAnswer & { readonly schema: A }
    handle(request: RouteRequest<Parsed<P>, Parsed<Q>, Parsed<B>>): Promise<z.input<A>>
  },
): OperatorRoute {
  return route as unknown as OperatorRoute // the application parses each part by the same schemas
}
