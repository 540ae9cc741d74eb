import { auth0Checks } from './auth0.ts'
import type { Check } from './check.ts'
import type { CheckContext } from './context.ts'
import { environmentCheck } from './environment.ts'
import { keysCheck } from './keys.ts'
import { mongoChecks } from './mongo.ts'
import { pdsChecks } from './pds.ts'
import { serverChecks } from './own-server.ts'
import { temporalChecks } from './temporal.ts'

/** Everything the system `atproto` stands on, tried as it is configured. */
export function atprotoChecks(context: CheckContext, { probe = false } = {}): Check[] {
  return [
    environmentCheck(context),
    ...temporalChecks(context),
    ...mongoChecks(context),
    ...context.tenantNames().flatMap((tenant) => auth0Checks(context, tenant, { probe })),
    ...pdsChecks(context),
    ...serverChecks(context),
    keysCheck(context),
  ]
}
