import type { Client } from '@temporalio/client'
import type { System } from '../contracts/systems.ts'
import type { Logger } from '../logging.ts'
import type { State } from '../state/ports.ts'
import type { SystemServer } from '../systems/server-part.ts'
import { dependencyCheck } from './dependency-checks.ts'
import type { ServerCheck } from './monitor.ts'
import { watchCheck } from './watch-check.ts'
import { workerCheck } from './worker-check.ts'

interface ServerChecks {
  readonly system: System
  readonly temporal: Client
  readonly state: Pick<State, 'checkHealth' | 'workers'>
  readonly logger: Logger
  readonly own: Pick<SystemServer, 'dependencies' | 'refusals'>
  /** As in `dependencyCheck`. */
  readonly recoveredMs?: number
}

/** Every check that the server makes itself for one system. */
export function serverChecks({ state, own, recoveredMs, ...common }: ServerChecks): ServerCheck[] {
  const { system, temporal, logger } = common
  const recovery = recoveredMs === undefined ? {} : { recoveredMs }
  const database = { name: 'database', ping: () => state.checkHealth() }
  return [
    workerCheck({ system, temporal, reports: state.workers, logger }),
    ...[database, ...own.dependencies].map((dependency) =>
      dependencyCheck({ ...common, ...recovery, ...dependency }),
    ),
    watchCheck({ system, temporal }),
    refusalCheck(own),
  ]
}

/** Each server counts its own refusals; the alert of a tenant closes once no server refuses many. */
function refusalCheck({ refusals }: Pick<SystemServer, 'refusals'>): ServerCheck {
  return {
    name: 'refused tokens',
    run: () => Promise.resolve({ findings: refusals(), closable: ['tokens-refused'] }),
  }
}
