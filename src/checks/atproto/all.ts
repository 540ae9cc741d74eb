import { auth0Checks } from './auth0.ts'
import type { Check } from '../check.ts'
import type { CheckContext } from '../context.ts'
import { eventsCheck } from './noted-events.ts'
import { environmentCheck } from '../environment.ts'
import { quarantineCheck } from '../quarantine.ts'
import { keysCheck } from '../keys.ts'
import { abandonedProbesCheck } from './abandoned-probes.ts'
import { mongoChecks } from './mongo.ts'
import { pdsChecks } from './pds.ts'
import { ownServerChecks } from '../own-server.ts'
import { temporalChecks } from '../temporal.ts'

/** The checks of everything that the system `atproto` depends on, as it is configured. */
export function atprotoChecks(context: CheckContext, { probe = false } = {}): Check[] {
  return [
    environmentCheck(context),
    ...temporalChecks(context),
    ...mongoChecks(context),
    ...context.tenantNames().flatMap((tenant) => auth0Checks(context, tenant, { probe })),
    ...pdsChecks(context),
    ...ownServerChecks(context),
    keysCheck(context),
    abandonedProbesCheck(context),
    quarantineCheck(context),
    eventsCheck(context),
  ]
}
