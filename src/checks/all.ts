import type { Check } from './check.ts'
import type { CheckContext } from './context.ts'
import { environmentCheck } from './environment.ts'
import { keysCheck } from './keys.ts'
import { databaseCheck } from './database.ts'
import { ownServerCheck } from './own-server.ts'
import { quarantineCheck } from './quarantine.ts'
import type { SystemChecks } from './system-checks.ts'
import { temporalChecks } from './temporal.ts'

/** The checks of everything that a system depends on, as it is configured. */
export function allChecks(context: CheckContext, system: SystemChecks, { probe = false } = {}): Check[] {
  return [
    environmentCheck(context, system),
    ...temporalChecks(context),
    databaseCheck(context),
    ...system.checks(context, { probe }),
    ownServerCheck(context),
    keysCheck(context),
    quarantineCheck(context),
  ]
}
