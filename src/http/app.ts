import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { Logger } from '../logging.ts'
import { auth0Webhook, type WebhookDeps } from './auth0-webhook.ts'
import { codecEndpoint, type CodecDeps } from './codec.ts'

export interface AppDeps extends WebhookDeps {
  readonly logger: Logger
  readonly sealed: CodecDeps
  /** Resolves when everything a webhook needs answers; rejects with the reason otherwise. */
  readonly ready: () => Promise<void>
}

/** Holdfast's HTTP side as one standard `fetch` handler, for a Node server or a function platform. */
export function createApp(deps: AppDeps): Hono {
  const app = new Hono()
  app.route('/webhooks/auth0', auth0Webhook(deps))
  app.route('/codec', codecEndpoint(deps.sealed))
  app.get('/healthz', (c) => c.json({ ok: true }))
  app.get('/readyz', async (c) => {
    await deps.ready()
    return c.json({ ok: true })
  })
  app.notFound((c) => c.json({ error: 'no such address' }, 404))
  app.onError((error, c) => {
    if (error instanceof HTTPException) return error.getResponse()
    deps.logger.error({ err: error, path: c.req.path }, 'not taken: the sender has to send it again')
    return c.json({ error: 'not durable yet, send it again' }, 503, { 'retry-after': '5' })
  })
  return app
}
