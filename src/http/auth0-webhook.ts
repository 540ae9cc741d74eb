import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { TenantConfig } from '../config/tenants.ts'
import type { Intake } from '../intake/intake.ts'
import { readDelivery, UndecodableError } from '../intake/read-delivery.ts'
import { sameSecret } from './secret.ts'

const MAX_BODY_BYTES = 8 * 1024 * 1024

export interface WebhookDeps {
  readonly tenants: readonly TenantConfig[]
  readonly intake: Intake
}

/**
 * `POST /webhooks/auth0/:tenant`, where Auth0's log stream delivers. It decides nothing: it answers 200 when every
 * event is durable at Temporal and every unreadable entry is kept aside, and anything else leaves it to be sent again.
 */
export function auth0Webhook({
  tenants,
  intake,
}: WebhookDeps): Hono<{ Variables: { tenant: TenantConfig } }> {
  const app = new Hono<{ Variables: { tenant: TenantConfig } }>()
  app.post(
    '/:tenant',
    async (c, next) => {
      const tenant = tenants.find(({ name }) => name === c.req.param('tenant'))
      if (tenant === undefined) return c.json({ error: 'unknown tenant' }, 404)
      if (!sameSecret(c.req.header('authorization'), tenant.logToken))
        return c.json({ error: 'wrong token' }, 401)
      c.set('tenant', tenant)
      return next()
    },
    bodyLimit({ maxSize: MAX_BODY_BYTES, onError: (c) => c.json({ error: 'the body is over 8 MiB' }, 413) }),
    async (c) => {
      try {
        const entries = readDelivery(await c.req.arrayBuffer())
        const { accepted, duplicates, ignored, quarantined } = await intake.take(
          c.get('tenant'),
          entries,
          'live',
        )
        return c.json({ accepted, duplicates, ignored, quarantined })
      } catch (error) {
        if (error instanceof UndecodableError)
          return c.json({ error: `undecodable body: ${error.message}` }, 400)
        throw error
      }
    },
  )
  return app
}
