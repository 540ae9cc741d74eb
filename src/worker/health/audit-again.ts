import { ScheduleNotFoundError, ScheduleOverlapPolicy, type Client } from '@temporalio/client'
import { withDeadline } from '../../client/temporal.ts'
import type { Finding } from '../../contracts/gaps.ts'
import type { System } from '../../contracts/systems.ts'
import { mayAuditAgain } from '../../domain/audit-again.ts'
import type { AlertStore } from '../../state/ports/alerts.ts'
import type { AuditFindings } from '../../state/ports/audit-findings.ts'

/** Most findings checked, whatever the audit found. */
const LOOKED_AT = 1_000

interface AuditAgainDeps {
  readonly system: System
  readonly temporal: Client
  readonly alerts: Pick<AlertStore, 'isOpen'>
  readonly findings: Pick<AuditFindings, 'latestFullAudit' | 'loadResult' | 'first'>
  readonly mayBeResolved: (findings: readonly Finding[]) => Promise<boolean>
  readonly now?: () => number
}

/**
 * Starts the audit at once where the alert `gaps-found` is open and the records of someone it names have changed since,
 * so that the alert closes with its cause; at the earliest half an hour after the newest audit started. Returns whether
 * the audit was triggered.
 */
export async function auditAgainIfRepaired({
  system,
  temporal,
  alerts,
  findings,
  mayBeResolved,
  now = Date.now,
}: AuditAgainDeps): Promise<boolean> {
  if (!(await alerts.isOpen('gaps-found'))) return false
  const audit = await findings.latestFullAudit()
  if (audit === null) return false
  const concluded = await findings.loadResult(audit)
  if (concluded === null || !mayAuditAgain(concluded.at, now())) return false
  if (!(await mayBeResolved(await findings.first(audit, LOOKED_AT)))) return false
  try {
    await withDeadline(temporal, () =>
      temporal.schedule.getHandle(`${system}-audit`).trigger(ScheduleOverlapPolicy.SKIP),
    )
    return true
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return false // `check` reports it
    throw error
  }
}
