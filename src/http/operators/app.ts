import { Hono, type Context, type MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { z } from 'zod'
import type { System } from '../../contracts/systems.ts'
import { NoWorkerError } from '../../client/runs.ts'
import { hasRole } from '../../domain/operators.ts'
import { UsageError } from '../../errors.ts'
import type { Logger } from '../../logging.ts'
import { peerOf } from '../closing-response.ts'
import type { IdentifiedOperator, Identify } from './identified.ts'
import { failureDocument, Refused, refusalDocument, type ProblemDocument } from './refused.ts'
import { withoutAddressesIn } from './without-addresses.ts'
import type { OperatorRoute } from './route.ts'

const MAX_BODY_BYTES = 1024 * 1024

export interface OperatorAppDeps {
  readonly routes: readonly OperatorRoute[]
  readonly identify: Identify
  readonly logger: Pick<Logger, 'error'>
  /** Called around every request, to measure it. */
  readonly measure?: MiddlewareHandler
  /** The place of problems.md. */
  readonly docsUrl: string
  /** The system in whose words a failed dependency is described. */
  readonly system: System
}

interface OperatorEnv {
  Variables: { by: IdentifiedOperator }
}

/**
 * The operators' address: each route for those of its role and above, and nothing for others. A refusal is an
 * `application/problem+json` document.
 */
export function createOperatorApp({
  routes,
  identify,
  logger,
  measure,
  docsUrl,
  system,
}: OperatorAppDeps): Hono<OperatorEnv> {
  const app = new Hono<OperatorEnv>()
  if (measure !== undefined) app.use(measure)
  app.use(async (c, next) => {
    await next()
    c.header('cache-control', 'no-store')
    c.header('x-content-type-options', 'nosniff')
  })
  app.get('/healthz', (c) => c.json({ ok: true }))
  app.use(async (c, next) => {
    assertOwnOrigin(c)
    const by = await identify({ header: (name) => c.req.header(name), peer: peerOf(c) })
    if (by === null) throw new Refused('operator-unknown')
    c.set('by', by)
    return next()
  })
  app.use(
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: () => {
        throw new Refused('body-too-large')
      },
    }),
  )
  for (const route of routes) app.on(route.method, [route.path], (c) => answer(c, route))
  app.notFound((c) => problem(c, refusalDocument(new Refused('address-unknown'), docsUrl)))
  app.onError((caught, c) => {
    const error = refusedBy(caught)
    if (error instanceof Refused) {
      if (error.refusal === 'operator-unknown') c.header('www-authenticate', 'Bearer realm="holdfast"')
      const refusal = refusalDocument(error, docsUrl)
      if (refusal.status >= 500) logger.error({ err: error, route: c.req.routePath }, refusal.title)
      return problem(c, refusal)
    }
    logger.error({ err: error, route: c.req.routePath }, "a request to the operators' address failed")
    return problem(c, failureDocument(error, system, docsUrl))
  })
  return app
}

/** A mistake of the caller that the shared functions name is one of the request. */
function refusedBy(error: unknown): unknown {
  const isCallers = error instanceof UsageError && !(error instanceof NoWorkerError)
  return isCallers ? new Refused('request-invalid', error.message, { cause: error }) : error
}

/**
 * A proxy may identify the person by a cookie, which a browser adds to the requests of every page: so a page of another
 * origin is refused, `null` too.
 */
function assertOwnOrigin(c: Context): void {
  const origin = c.req.header('origin')
  const isForeign = origin !== undefined && (origin === 'null' || hostIn(origin) !== c.req.header('host'))
  if (isForeign || c.req.header('sec-fetch-site') === 'cross-site') throw new Refused('origin-foreign')
}

function hostIn(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null
}

async function answer(c: Context<OperatorEnv>, route: OperatorRoute): Promise<Response> {
  const by = c.get('by')
  if (!hasRole(by.role, route.role))
    throw new Refused('role-insufficient', `${by.name} has the role ${by.role}; required is ${route.role}.`)
  const request = {
    params: parse('path', route.params, c.req.param()),
    query: parse('query', route.query, c.req.query()),
    body: route.body === undefined ? undefined : parse('body', route.body, await readJson(c)),
    by,
    header: (name: string) => c.req.header(name),
  }
  const result = await route.handle(request)
  const { status, text } = route.answer
  return text === undefined
    ? c.json(withoutAddressesIn(result) as object, status)
    : c.body(String(result), status, { 'content-type': text })
}

/** An empty body is an empty object, so that a request without parameters needs none. */
async function readJson(c: Context): Promise<unknown> {
  const text = await c.req.text()
  if (text !== '' && !/^application\/json\s*(?:;|$)/i.test(c.req.header('content-type') ?? ''))
    throw new Refused('body-not-json')
  try {
    return text === '' ? {} : JSON.parse(text)
  } catch (error) {
    throw new Refused('request-invalid', 'body: it is not JSON', { cause: error })
  }
}

function parse(part: string, schema: z.ZodType | undefined, given: unknown): unknown {
  if (schema === undefined) return undefined
  const result = schema.safeParse(given)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new Refused('request-invalid', `${[part, ...(issue?.path ?? [])].join('.')}: ${issue?.message ?? ''}`)
}

function problem(c: Context, document: ProblemDocument): Response {
  return c.body(JSON.stringify(withoutAddressesIn(document)), document.status as 400, {
    'content-type': 'application/problem+json',
  })
}
