import { createPeopleByHash, type PeopleByHash } from '../../client/people-by-hash.ts'
import { createRuns } from '../../client/runs.ts'
import { createSignupReader } from '../../client/signup-reader.ts'
import { createSignups } from '../../client/signups.ts'
import { processEnv, type Env } from '../../config.ts'
import type { WorkerReport } from '../../contracts/workers.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import type { OperationContext } from '../../operations/context.ts'
import type { ServedSystem } from '../../systems/system.ts'
import type { ServerConnections } from '../connections.ts'

/** One system, as the operators' address reads it and acts on it. */
export interface OperatedSystem extends OperationContext {
  readonly people: PeopleByHash
  /** Throws the problem `observing` where HOLDFAST_MODE forbids changes. */
  assertWrites(): void
}

/** On the server's own connections. The environment is that of the process, without what belongs to workers alone. */
export function operatedSystem(
  served: ServedSystem,
  { config, temporal, monitored, hash }: ServerConnections,
  env: Env = processEnv(),
): OperatedSystem {
  const { name: system } = served
  // Without the reports a list shows less.
  const reports = async (): Promise<WorkerReport[] | null> => {
    try {
      return await monitored.state.workers.list()
    } catch (error) {
      if (!(error instanceof OutsideError)) throw error
      return null
    }
  }
  const reader = createSignupReader(temporal, system, { reports })
  const signups = createSignups(temporal, system, hash)
  const runs = createRuns(temporal)
  return {
    system,
    served,
    env,
    hash,
    opened: () => Promise.resolve(monitored),
    state: () => Promise.resolve(monitored.state),
    temporal: () => Promise.resolve(temporal),
    reader: () => Promise.resolve(reader),
    signups: () => Promise.resolve(signups),
    runs: () => Promise.resolve(runs),
    people: createPeopleByHash(temporal, system, hash, () => served.people.tenants(env)),
    assertWrites() {
      if (config.mode === 'observe') throw new OutsideError('observing', 'HOLDFAST_MODE=observe')
    },
  }
}
