import type { Hono } from 'hono'
import type { MongoClient } from 'mongodb'
import { connectMongo } from '../../src/adapters/mongo/connect.ts'
import type { Quarantine } from '../../src/adapters/mongo/quarantine.ts'
import { createReveals } from '../../src/adapters/mongo/reveals.ts'
import { createSignups } from '../../src/client/signups.ts'
import { inTime, lazyTemporal } from '../../src/client/temporal.ts'
import { loadConfig } from '../../src/config.ts'
import { createIdHash, createKeyring } from '../../src/crypto/keyring.ts'
import { createApp } from '../../src/http/app.ts'
import { connectIntake } from '../../src/intake/connect.ts'
import { createLogger } from '../../src/logging.ts'
import { createSealingCodec } from '../../src/payloads/codec.ts'
import { atEnd } from './at-end.ts'
import type { World } from './world.ts'

export interface Delivered {
  readonly status: number
  readonly body: unknown
}

export interface Webhook {
  readonly app: Hono
  readonly quarantine: Quarantine
  /** Posts as Auth0's log stream does: the token as it is, a text body, whatever content type. */
  deliver(body: string | Uint8Array<ArrayBuffer>, headers?: Record<string, string>): Promise<Delivered>
  /** No event is known to be durable any more, as after a week. */
  forget(): Promise<void>
}

/** The HTTP side in this process, as src/server.ts puts it together; `env` replaces what the world's says. */
export function openWebhook(world: World, env: Readonly<Record<string, string>> = {}): Webhook {
  const config = loadConfig(['temporal', 'mongo', 'tenants', 'keys', 'quarantine', 'operator'], {
    ...world.env,
    ...env,
  })
  const hash = createIdHash(config.keys.id)
  const temporal = lazyTemporal(config)
  const { client, db }: { client: MongoClient; db: World['db'] } = connectMongo(config.mongo)
  const logger = createLogger('test', 'silent')
  const signups = createSignups(temporal, hash)
  const { intake, quarantine } = connectIntake({ db, signups, config, logger })
  const app = createApp({
    logger,
    sealed: {
      codec: createSealingCodec(createKeyring(config.keys.sealing)),
      reveals: createReveals(db),
      operator: config.operator,
      uiUrl: config.temporal.uiUrl,
    },
    tenants: config.tenants,
    intake,
    ready: async () => {
      await inTime(temporal, () => temporal.workflowService.getSystemInfo({}))
      await db.command({ ping: 1 })
    },
  })
  atEnd(async () => {
    await intake.settled()
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
      await intake.settled()
      await db.collection('holdfast_events').deleteMany({})
    },
  }
}

/** What a delivery of so many good events and nothing else is answered. */
export const taken = (accepted: number, rest: Record<string, number> = {}): Delivered => ({
  status: 200,
  body: { accepted, duplicates: 0, ignored: 0, quarantined: 0, ...rest },
})
