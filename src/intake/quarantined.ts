import type { Quarantine } from '../adapters/mongo/quarantine.ts'
import type { TenantName } from '../config/tenants.ts'
import { OutsideError } from '../domain/outside-error.ts'
import type { Intake } from './intake.ts'
import type { DeliveredEntry } from './read-delivery.ts'
import { readEntry } from './sort-entries.ts'

export interface Retried {
  readonly id: string
  /** `taken`: it reads now, went its way and left the quarantine. `kept`: it stays, for this reason. `gone`: not there. */
  readonly outcome: 'taken' | 'kept' | 'gone'
  readonly reason: string | null
}

/**
 * Brings a quarantined entry to the door again, as after an update that reads more, or once its tenant is configured.
 * Safe to repeat: it leaves the quarantine only when what it says is durable.
 */
export async function retryQuarantined(
  deps: { quarantine: Quarantine; intake: Intake; tenants: readonly TenantName[] },
  system: string,
  id: string,
): Promise<Retried> {
  const { quarantine, intake, tenants } = deps
  const stays = async (reason: string): Promise<Retried> => {
    await quarantine.stillUnread(id, reason)
    return { id, outcome: 'kept', reason }
  }
  const entry = await opened(quarantine, system, id)
  if (entry === null) return { id, outcome: 'gone', reason: null }
  if (typeof entry === 'string') return stays(entry)
  const tenant = tenants.find(({ name }) => name === entry.tenant)
  if (tenant === undefined) return stays(`its tenant ${entry.tenant} is not configured`)
  const delivered = deliveredEntry(entry.content)
  const read = readEntry(delivered)
  if (read.is === 'malformed') return stays(read.reason)

  await intake.take(tenant, [delivered], 'bulk')
  await quarantine.remove(system, [id])
  return { id, outcome: 'taken', reason: null }
}

/** A reason in place of the entry where no key opens it: that is no reason to leave the others. */
async function opened(quarantine: Quarantine, system: string, id: string) {
  try {
    return await quarantine.open(system, id)
  } catch (error) {
    if (error instanceof OutsideError && error.problem === 'seal-broken') return error.message
    throw error
  }
}

/** As it came: JSON where it is that, else a line that is none. */
function deliveredEntry(content: string): DeliveredEntry {
  try {
    return { value: JSON.parse(content) as unknown }
  } catch (error) {
    if (error instanceof SyntaxError) return { unreadable: content }
    throw error
  }
}
