import type { Hono } from 'hono'
import type { MongoClient } from 'mongodb'
import { connectMongo } from '../../src/adapters/mongo/lib/connect.ts'
import { openMongoState } from '../../src/state/mongo/open.ts'
import { createActionLog } from '../../src/state/mongo/actions.ts'
import { createSignups } from '../../src/client/signups.ts'
import { withDeadline, lazyTemporal } from '../../src/client/temporal.ts'
import { loadAtprotoConfig } from '../../src/config/atproto/sections.ts'
import { createIdHash, createKeyring } from '../../src/crypto/keyring.ts'
import { auth0Webhook } from '../../src/http/atproto/auth0-webhook.ts'
import { createApp } from '../../src/http/app.ts'
import { connectAtprotoIntake } from '../../src/intake/atproto/connect.ts'
import { createLogger } from '../../src/logging.ts'
import { createSealingCodec } from '../../src/payloads/codec.ts'
import { atEnd } from './at-end.ts'
import type { World } from './world.ts'
import type { Quarantine } from '../../src/state/ports/quarantine.ts'

export interface Delivered {
  readonly status: number
  readonly body: unknown
}

export interface Webhook {
  readonly app: Hono
  readonly quarantine: Quarantine
  /** Posts as Auth0's log stream does: with the token as it is, a text body, and any content type. */
  deliver(body: string | Uint8Array<ArrayBuffer>, headers?: Record<string, string>): Promise<Delivered>
  /** Forgets all durable events, as after a week. */
  forget(): Promise<void>
}

/** The HTTP side in this process, composed as in src/server.ts; `env` overrides variables of the world. */
export function openWebhook(world: World, env: Readonly<Record<string, string>> = {}): Webhook {
  const config = loadAtprotoConfig(['temporal', 'mongo', 'tenants', 'keys', 'quarantine', 'operator'], {
    ...world.env,
    ...env,
  })
  const hash = createIdHash(config.keys.id)
  const temporal = lazyTemporal(config)
  const { client, db }: { client: MongoClient; db: World['db'] } = connectMongo(config.mongo)
  const logger = createLogger('test', 'silent')
  const signups = createSignups(temporal, 'atproto', hash)
  const { intake, quarantine } = connectAtprotoIntake({
    opened: openMongoState('atproto', { client, db }),
    signups,
    config,
    tenants: config.tenants,
    logger,
  })
  const app = createApp({
    logger,
    sealed:
      config.operator.codec === 'off'
        ? null
        : {
            codec: createSealingCodec(createKeyring(config.keys.sealing)),
            actions: createActionLog(db),
            hash,
            operator: config.operator,
            uiUrl: config.temporal.uiUrl,
          },
    addRoutes(hono) {
      hono.route('/webhooks/auth0', auth0Webhook({ tenants: config.tenants, intake, refused: () => {} }))
    },
    ready: async () => {
      await withDeadline(temporal, () => temporal.workflowService.getSystemInfo({}))
      await db.command({ ping: 1 })
    },
  })
  atEnd(async () => {
    await intake.flush()
    await client.close()
    await temporal.connection.close()
  })
  return {
    app,
    quarantine,
    async deliver(body, headers = {}) {
      const answer = await app.request('/webhooks/auth0/aesthetic', {
        method: 'POST',
        headers: {
          authorization: world.env['AUTH0_AESTHETIC_LOG_TOKEN'] ?? '',
          'content-type': 'application/json',
          ...headers,
        },
        body,
      })
      return { status: answer.status, body: await answer.json() }
    },
    async forget() {
      await intake.flush()
      await db.collection('holdfast_events').deleteMany({})
    },
  }
}

/** The answer to a delivery of this many good events and nothing else. */
export const taken = (accepted: number, rest: Record<string, number> = {}): Delivered => ({
  status: 200,
  body: { accepted, duplicates: 0, ignored: 0, quarantined: 0, ...rest },
})
