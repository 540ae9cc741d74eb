import type { Client } from '@temporalio/client'
import { connectMongo } from '../../adapters/mongo/lib/connect.ts'
import { createSignups } from '../../client/signups.ts'
import { loadAtprotoConfig, type AtprotoSection } from '../../config/atproto/sections.ts'
import { createIdHash } from '../../crypto/keyring.ts'
import { connectIntake } from '../../intake/atproto/connect.ts'
import { recordTenantStart } from '../../intake/atproto/tenant-start.ts'
import type { Logger } from '../../logging.ts'
import { createActionLog } from '../../state/mongo/actions.ts'
import { createAlertStore } from '../../state/mongo/alerts.ts'
import type { SystemServer } from '../../systems/system.ts'
import { createTokenRefusals } from '../token-refusals.ts'
import { auth0Webhook } from './auth0-webhook.ts'
import { monitorChecks } from './monitor-checks.ts'

export const ATPROTO_SERVER_SECTIONS = [
  'mongo',
  'webhookTenants',
  'keys',
  'operator', // no token of an operator may be one of the log stream
  'quarantine',
  'pdsUrl',
] as const satisfies readonly AtprotoSection[]

/** The webhook for Auth0's log streams, and the checks of the stores behind it. */
export async function startAtprotoServer({
  temporal,
  logger,
}: {
  readonly temporal: Client
  readonly logger: Logger
}): Promise<SystemServer> {
  const config = loadAtprotoConfig(ATPROTO_SERVER_SECTIONS)
  const { client: mongo, db } = connectMongo(config.mongo)
  // A separate client with a shorter time-out: an outage has to be known within a minute.
  const monitored = connectMongo({ ...config.mongo, selectMs: 2_000 })
  const tenants = config.webhookTenants
  const signups = createSignups(temporal, 'atproto', createIdHash(config.keys.id))
  const { intake, cursors } = connectIntake({ db, signups, config, tenants, logger })
  await recordTenantStart(cursors, tenants)
  const refusals = createTokenRefusals(tenants.map(({ name }) => name))
  return {
    addRoutes(app) {
      app.route('/webhooks/auth0', auth0Webhook({ tenants, intake, refused: refusals.record }))
    },
    checks: monitorChecks({ system: 'atproto', config, temporal, logger, refusals, db: monitored.db }),
    alerts: createAlertStore(monitored.db, 'atproto'),
    actions: createActionLog(db),
    async ready() {
      await db.command({ ping: 1 })
    },
    flush: () => intake.flush(),
    async close() {
      await Promise.all([mongo.close(), monitored.client.close()])
    },
  }
}
