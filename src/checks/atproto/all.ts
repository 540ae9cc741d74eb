import { loadAtprotoConfig, type AtprotoSection } from '../../config/atproto/sections.ts'
import { isProbe } from '../../domain/atproto/probe.ts'
import type { SystemChecks } from '../system-checks.ts'
import { abandonedProbesCheck } from './abandoned-probes.ts'
import { auth0Checks } from './auth0.ts'
import { atprotoContext } from './context.ts'
import { accountCount, recordCounts } from './counts.ts'
import { mongoChecks } from './mongo.ts'
import { eventsCheck } from './noted-events.ts'
import { pdsChecks } from './pds.ts'
import { probe } from './probe.ts'
import { rehearse } from './rehearsal.ts'
import { webhookChecks } from './webhooks.ts'

/** With the general sections: a token that equals another secret is reported too. */
const SECTIONS = ['tenants', 'pds', 'keys'] as const satisfies readonly AtprotoSection[]

/** Auth0, the application's records in MongoDB, and the PDS. */
export const atprotoChecks: SystemChecks = {
  readEnvironment(env) {
    const { tenants } = loadAtprotoConfig(SECTIONS, env)
    return [`tenants: ${tenants.map(({ name }) => name).join(', ')}`]
  },

  checks(general, options) {
    const context = atprotoContext(general)
    return [
      ...mongoChecks(context),
      ...context.tenantNames().flatMap((tenant) => auth0Checks(context, tenant, options)),
      ...pdsChecks(context),
      ...webhookChecks(context),
      abandonedProbesCheck(context),
      eventsCheck(context),
    ]
  },

  counts(general) {
    const context = atprotoContext(general)
    return [
      {
        of: 'records',
        names: ['verifications', 'users', 'handles'],
        count: async () => recordCounts((await context.mongo()).db),
      },
      {
        of: 'accounts',
        names: ['accounts'],
        count: async () => ({ accounts: await accountCount(context.section('pds').url) }),
      },
    ]
  },

  isProbe,
  probe: (general, options) => probe(atprotoContext(general), options),

  rehearsals(general) {
    const context = atprotoContext(general)
    return context.tenantNames().map((name) => ({ name, run: () => rehearse(context, name) }))
  },
}
