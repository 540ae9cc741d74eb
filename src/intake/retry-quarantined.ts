import { OutsideError } from '../domain/outside-error.ts'
import { rawEntry } from '../domain/events/split-delivery.ts'
import type { Intake } from './intake.ts'
import { readEntry, type EventReader } from './read-news.ts'
import type { Quarantine } from '../state/ports/quarantine.ts'

export interface RetryOutcome {
  readonly id: string
  /**
   * `taken`: it can be read now, was processed, and left the quarantine. `kept`: it stays, for this reason. `gone`: it
   * is not there.
   */
  readonly outcome: 'taken' | 'kept' | 'gone'
  readonly reason: string | null
}

/**
 * Gives a quarantined entry to the intake again, as after an update that reads more, or once its tenant is configured.
 * Safe to repeat: it leaves the quarantine only when its event is durable.
 */
export async function retryQuarantined(
  deps: {
    quarantine: Quarantine
    intake: Intake
    /** The names of the configured tenants. */
    tenants: readonly string[]
    readEvent: EventReader
  },
  id: string,
): Promise<RetryOutcome> {
  const { quarantine, intake, tenants, readEvent } = deps
  const kept = async (reason: string): Promise<RetryOutcome> => {
    await quarantine.updateReason(id, reason)
    return { id, outcome: 'kept', reason }
  }
  const entry = await opened(quarantine, id)
  if (entry === null) return { id, outcome: 'gone', reason: null }
  if (typeof entry === 'string') return kept(entry)
  const { tenant } = entry
  if (!tenants.includes(tenant)) return kept(`its tenant ${tenant} is not configured`)
  if (entry.original !== null) return kept(entry.reason) // the stored entry is not the original
  const delivered = rawEntry(new TextEncoder().encode(entry.content))
  const read = readEntry(delivered, tenant, readEvent)
  if (read.is === 'malformed') return kept(read.reason)

  await intake.take(tenant, [delivered], 'bulk')
  await quarantine.remove([id])
  return { id, outcome: 'taken', reason: null }
}

/** The reason instead of the entry where no key decrypts it, so that the other entries are still retried. */
async function opened(quarantine: Quarantine, id: string) {
  try {
    return await quarantine.open(id)
  } catch (error) {
    if (error instanceof OutsideError && error.problem === 'seal-broken') return error.message
    throw error
  }
}
