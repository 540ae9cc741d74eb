import { plannedSchedules } from '../src/client/planned-schedules.ts'
import { createSchedules } from '../src/client/schedules.ts'
import { lazyTemporal } from '../src/client/temporal.ts'
import { type Env } from '../src/config.ts'
import { loadAtprotoConfig } from '../src/config/atproto/sections.ts'

/** Applies the schedules, as each deployment does once: `holdfast schedules atproto apply`. */
export async function applySchedules(env: Env): Promise<void> {
  const config = loadAtprotoConfig(['temporal', 'keys', 'tenantNames'], env)
  const temporal = lazyTemporal(config)
  await createSchedules(temporal).apply(plannedSchedules('atproto', config.tenantNames))
  await temporal.connection.close()
}
