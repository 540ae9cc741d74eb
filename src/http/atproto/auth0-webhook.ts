import { setImmediate as turn } from 'node:timers/promises'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { WebhookTenant } from '../../config/atproto/tenants.ts'
import type { Intake } from '../../intake/intake.ts'
import { TooManyEntriesError } from '../../domain/events/split-delivery.ts'
import { limitConcurrency } from '../../intake/concurrency-limit.ts'
import { readDelivery, UndecodableError } from '../../intake/read-delivery.ts'
import { closingResponse } from '../closing-response.ts'
import { matchesAny } from '../secret.ts'

const MAX_BODY_BYTES = 8 * 1024 * 1024
/** Only a few bodies of this size are processed at once, so that memory stays bounded however many arrive. */
const LARGE_BYTES = 512 * 1024
const LARGE_AT_ONCE = 2
/**
 * The most large bodies in memory at once: more than are processed, so that a slow sender does not delay the others.
 */
const LARGE_HELD = 8

export interface WebhookDeps {
  readonly tenants: readonly WebhookTenant[]
  readonly intake: Intake
  /** Called for each request whose token is wrong. */
  readonly refused: (tenant: string) => void
}

/**
 * `POST /webhooks/auth0/:tenant`, to which Auth0's log stream delivers. It makes no decisions: it answers 200 when
 * every event is durable at Temporal and every unreadable entry is quarantined; after any other answer Auth0 sends the
 * delivery again.
 */
export function auth0Webhook({
  tenants,
  intake,
  refused,
}: WebhookDeps): Hono<{ Variables: { tenant: WebhookTenant } }> {
  const app = new Hono<{ Variables: { tenant: WebhookTenant } }>()
  const inTurn = limitConcurrency(LARGE_AT_ONCE)
  const inMemory = limitConcurrency(LARGE_HELD)
  app.post(
    '/:tenant',
    async (c, next) => {
      const tenant = tenants.find(({ name }) => name === c.req.param('tenant'))
      if (tenant === undefined) return closingResponse(c, 'unknown tenant', 404)
      if (!matchesAny(c.req.header('authorization'), tenant.logTokens)) {
        refused(tenant.name)
        return closingResponse(c, 'wrong token', 401)
      }
      c.set('tenant', tenant)
      return next()
    },
    // This runs before `bodyLimit`, which reads a body without a length. A sender that is too slow is cut off by the
    // server's requestTimeout.
    (c, next) => (mayBeLarge(c.req.header('content-length')) ? inMemory(next) : next()),
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: (c) => closingResponse(c, 'the body is over 8 MiB', 413),
    }),
    async (c) => {
      const body = new Uint8Array(await c.req.arrayBuffer())
      const take = async () => intake.take(c.get('tenant').name, await readDelivery(body), 'live')
      try {
        const { accepted, duplicates, ignored, quarantined } = await (body.length < LARGE_BYTES
          ? take()
          : inTurn(async () => {
              await turn() // else the next body would begin at once, before any other request
              return take()
            }))
        return c.json({ accepted, duplicates, ignored, quarantined })
      } catch (error) {
        if (error instanceof UndecodableError)
          return c.json({ error: `undecodable body: ${error.message}` }, 400)
        if (error instanceof TooManyEntriesError)
          return c.json({ error: `${error.message}; catch-up fetches them from the log` }, 413)
        throw error
      }
    },
  )
  return app
}

/** A body without a length may be of any size; one over the limit is refused without being read. */
function mayBeLarge(contentLength: string | undefined): boolean {
  if (contentLength === undefined) return true
  const bytes = Number(contentLength)
  return !(bytes < LARGE_BYTES || bytes > MAX_BODY_BYTES)
}
