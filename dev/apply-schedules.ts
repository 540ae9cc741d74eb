import { plannedSchedules } from '../src/client/planned-schedules.ts'
import { createSchedules } from '../src/client/schedules.ts'
import { lazyTemporal } from '../src/client/temporal.ts'
import { loadConfig, type Env } from '../src/config.ts'
import { loadSystems } from '../src/systems/served.ts'

/** Applies the schedules, as each deployment does once: `holdfast schedules <system> apply`. */
export async function applySchedules(env: Env): Promise<void> {
  const { systems, ...config } = loadConfig(['temporal', 'keys', 'systems'], env)
  const temporal = lazyTemporal(config)
  for (const { name, catchUps } of await loadSystems(systems))
    await createSchedules(temporal).apply(plannedSchedules(name, catchUps(env)))
  await temporal.connection.close()
}
