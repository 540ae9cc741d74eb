import { Hono, type MiddlewareHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { Logger } from '../logging.ts'
import { codecEndpoint, type CodecDeps } from './codec.ts'
import { createReadiness } from './readiness.ts'

export interface AppDeps {
  /** Adds the addresses to which providers deliver their events. */
  readonly addRoutes: (app: Hono) => void
  readonly logger: Logger
  /** Called around every request, to measure it. */
  readonly measure?: MiddlewareHandler
  /** Null where the codec runs as a separate service. */
  readonly sealed: CodecDeps | null
  /** Resolves when all dependencies of the routes answer; rejects with the reason otherwise. */
  readonly ready: () => Promise<void>
}

/** Holdfast's HTTP side as one standard `fetch` handler, for a Node server or a function platform. */
export function createApp(deps: AppDeps): Hono {
  const app = new Hono()
  const ready = createReadiness(deps)
  if (deps.measure !== undefined) app.use(deps.measure)
  deps.addRoutes(app)
  if (deps.sealed !== null) app.route('/codec', codecEndpoint(deps.sealed))
  app.get('/healthz', (c) => c.json({ ok: true }))
  app.get('/readyz', async (c) =>
    (await ready())
      ? c.json({ ok: true })
      : c.json({ error: 'Temporal or a database does not answer' }, 503, { 'retry-after': '5' }),
  )
  app.notFound((c) => c.json({ error: 'no such address' }, 404))
  app.onError((error, c) => {
    if (error instanceof HTTPException) return error.getResponse()
    deps.logger.error({ err: error, path: c.req.path }, 'not accepted: the sender has to send it again')
    return c.json({ error: 'not durable yet, send it again' }, 503, { 'retry-after': '5' })
  })
  return app
}

/** The codec endpoint as a separate service. */
export function createCodecApp({ sealed, logger }: { sealed: CodecDeps; logger: Logger }): Hono {
  const app = new Hono()
  app.route('/codec', codecEndpoint(sealed))
  app.get('/healthz', (c) => c.json({ ok: true }))
  app.notFound((c) => c.json({ error: 'no such address' }, 404))
  app.onError((error, c) => {
    if (error instanceof HTTPException) return error.getResponse()
    logger.error({ err: error, path: c.req.path }, 'not answered')
    return c.json({ error: 'not answered: see the log of the codec' }, 500)
  })
  return app
}
