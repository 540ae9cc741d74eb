import pMap from 'p-map'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Quarantine } from '../adapters/mongo/quarantine.ts'
import type { Signups, SignupNews } from '../client/signups.ts'
import type { TenantConfig } from '../config/tenants.ts'
import { readDelivery, UndecodableError, type DeliveredEntry } from './auth0-delivery.ts'
import { readEvent, type ReadEvent } from './auth0-event.ts'
import { sameSecret } from './secret.ts'

const MAX_BODY_BYTES = 8 * 1024 * 1024
/** Calls to Temporal, or writes to the quarantine, under way at once for one delivery. */
const AT_ONCE = 10

export interface WebhookDeps {
  readonly tenants: readonly TenantConfig[]
  readonly signups: Pick<Signups, 'tell'>
  readonly quarantine: Pick<Quarantine, 'keep'>
}

interface Summary {
  accepted: number
  duplicates: number
  ignored: number
  quarantined: number
}

/**
 * `POST /webhooks/auth0/:tenant`, where Auth0's log stream delivers. It decides nothing: it answers 200 when every
 * event is durable at Temporal and every unreadable entry is kept aside, and anything else leaves it to be sent again.
 */
export function auth0Webhook({
  tenants,
  signups,
  quarantine,
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
        return c.json(await take(c.get('tenant'), readDelivery(await c.req.arrayBuffer())))
      } catch (error) {
        if (error instanceof UndecodableError)
          return c.json({ error: `undecodable body: ${error.message}` }, 400)
        throw error
      }
    },
  )
  return app

  async function take(tenant: TenantConfig, entries: DeliveredEntry[]): Promise<Summary> {
    const summary: Summary = { accepted: 0, duplicates: 0, ignored: 0, quarantined: 0 }
    const events: (ReadEvent & { is: 'event' })[] = []
    const bad: { reason: string; content: string }[] = []
    const seen = new Set<string>()

    for (const entry of entries) {
      const read: ReadEvent =
        'value' in entry ? readEvent(entry.value) : { is: 'malformed', reason: 'not JSON' }
      if (read.is === 'malformed') {
        bad.push({
          reason: read.reason,
          content: 'value' in entry ? JSON.stringify(entry.value) : entry.unreadable,
        })
        continue
      }
      const key = read.logId ?? JSON.stringify(entry)
      if (seen.has(key)) summary.duplicates += 1
      else if (read.is === 'ignored') summary.ignored += 1
      else events.push(read)
      seen.add(key)
    }

    await pMap(newsOf(tenant, events), (news) => signups.tell(news), { concurrency: AT_ONCE })
    await pMap(bad, (entry) => quarantine.keep({ system: 'atproto', tenant: tenant.name, ...entry }), {
      concurrency: AT_ONCE,
    })
    return { ...summary, accepted: events.length, quarantined: bad.length }
  }
}

/** One call a person, however many of their events came together. */
function newsOf(tenant: TenantConfig, events: readonly (ReadEvent & { is: 'event' })[]): SignupNews[] {
  const byPerson = Map.groupBy(events, ({ userId }) => userId)
  return [...byPerson].map(([userId, theirs]) => {
    const signedUp = theirs.find(({ kind }) => kind === 'signed-up')
    const hints = theirs.filter(({ kind }) => kind !== 'signed-up')
    const changes = theirs.filter(({ kind }) => kind === 'email-changed').flatMap(({ date }) => date ?? [])
    return {
      tenant: tenant.name,
      identity: tenant.idPrefix + userId,
      signedUpAt: signedUp?.date ?? undefined,
      hint:
        hints.length === 0
          ? undefined
          : hints.some(({ kind }) => kind === 'email-changed')
            ? 'emailChanged' // it tells more, and both lead to a look
            : 'emailVerified',
      changedAt: changes.toSorted().at(-1),
    }
  })
}
