import type { Client } from '@temporalio/client'
import type { Db } from 'mongodb'
import { checkMongoHealth } from '../../adapters/mongo/lib/ping.ts'
import { createWorkerReports } from '../../state/mongo/workers.ts'
import { checkPdsHealth } from '../../adapters/pds/health.ts'
import type { AtprotoSections } from '../../config/atproto/sections.ts'
import type { System } from '../../contracts/systems.ts'
import type { Logger } from '../../logging.ts'
import { dependencyCheck } from '../dependency-checks.ts'
import type { ServerCheck } from '../monitor.ts'
import type { TokenRefusals } from '../token-refusals.ts'
import { watchCheck } from '../watch-check.ts'
import { workerCheck } from '../worker-check.ts'

/**
 * Every check that the server makes itself. Without `PDS_URL` in its environment the PDS is checked by `watch` only.
 */
export function monitorChecks({
  system,
  config: { pdsUrl },
  temporal,
  db,
  logger,
  refusals,
  recoveredMs,
}: {
  system: System
  config: Pick<AtprotoSections, 'pdsUrl'>
  temporal: Client
  db: Db
  logger: Logger
  refusals: Pick<TokenRefusals, 'findings'>
  /** As in `dependencyCheck`. */
  recoveredMs?: number
}): ServerCheck[] {
  const common = {
    temporal,
    logger,
    system,
    ...(recoveredMs === undefined ? {} : { recoveredMs }),
  } as const
  return [
    workerCheck({ system, temporal, reports: createWorkerReports(db, system), logger }),
    dependencyCheck({ ...common, name: 'database', ping: () => checkMongoHealth(db) }),
    ...(pdsUrl === null
      ? []
      : [dependencyCheck({ ...common, name: 'pds', ping: () => checkPdsHealth(pdsUrl) })]),
    watchCheck(common),
    refusalCheck(refusals),
  ]
}

/** Each server counts its own refusals; the alert of a tenant closes once no server refuses many. */
function refusalCheck(refusals: Pick<TokenRefusals, 'findings'>): ServerCheck {
  return {
    name: 'refused tokens',
    run: () => Promise.resolve({ findings: refusals.findings(), closable: ['tokens-refused'] }),
  }
}
