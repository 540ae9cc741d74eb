import { checkPdsHealth } from '../../adapters/pds/health.ts'
import { createSignups } from '../../client/signups.ts'
import { loadAtprotoConfig, type AtprotoSection } from '../../config/atproto/sections.ts'
import { connectAtprotoIntake } from '../../intake/atproto/connect.ts'
import { recordTenantStart } from '../../intake/atproto/tenant-start.ts'
import type { ServerPart } from '../../systems/server-part.ts'
import { createTokenRefusals } from '../token-refusals.ts'
import { auth0Webhook } from './auth0-webhook.ts'

export const ATPROTO_SERVER_SECTIONS = [
  'webhookTenants',
  'pdsUrl',
  'keys',
  'operator', // no token of an operator may be one of the log stream
  'operatorAddress',
] as const satisfies readonly AtprotoSection[]

/** The webhook for Auth0's log streams, and the check of the PDS. */
export const atprotoServer: ServerPart = {
  configure(env) {
    const { webhookTenants: tenants, pdsUrl } = loadAtprotoConfig(ATPROTO_SERVER_SECTIONS, env)
    return {
      async connect({ config, temporal, opened, hash, logger }) {
        const signups = createSignups(temporal, 'atproto', hash)
        const { intake, cursors } = connectAtprotoIntake({ opened, signups, config, tenants, logger })
        await recordTenantStart(cursors, tenants)
        const refusals = createTokenRefusals(tenants.map(({ name }) => name))
        return {
          addRoutes(app) {
            app.route('/webhooks/auth0', auth0Webhook({ tenants, intake, refused: refusals.record }))
          },
          // Without `PDS_URL` in its environment the PDS is checked by `watch` only.
          dependencies: pdsUrl === null ? [] : [{ name: 'pds', ping: () => checkPdsHealth(pdsUrl) }],
          refusals: refusals.findings,
          flush: () => intake.flush(),
        }
      },
    }
  },
}
