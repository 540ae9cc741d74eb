import { ScheduleNotFoundError, ScheduleOverlapPolicy, type Client } from '@temporalio/client'
import type { AlertStore } from '../../state/mongo/alerts.ts'
import type { AuditFindings } from '../../state/mongo/audit/findings.ts'
import type { ApplicationRecords } from '../../adapters/mongo/application-records.ts'
import { withDeadline } from '../../client/temporal.ts'
import { mayAuditAgain, mayBeResolved } from '../../domain/atproto/gap-resolved.ts'

/** Most findings checked, by three queries, whatever the audit found. */
const LOOKED_AT = 1_000

interface AuditAgainDeps {
  readonly temporal: Client
  readonly alerts: Pick<AlertStore, 'isOpen'>
  readonly findings: Pick<AuditFindings, 'latestFullAudit' | 'loadResult' | 'first'>
  readonly stores: Pick<ApplicationRecords, 'load'>
  readonly now?: () => number
}

/**
 * Starts the audit at once where the alert `gaps-found` is open and the records of someone it names have changed since,
 * so that the alert closes with its cause; at the earliest half an hour after the newest audit started. Returns whether
 * the audit was triggered.
 */
export async function auditAgainIfRepaired({
  temporal,
  alerts,
  findings,
  stores,
  now = Date.now,
}: AuditAgainDeps): Promise<boolean> {
  if (!(await alerts.isOpen('gaps-found'))) return false
  const audit = await findings.latestFullAudit()
  if (audit === null) return false
  const concluded = await findings.loadResult(audit)
  if (concluded === null || !mayAuditAgain(concluded.at, now())) return false
  const found = await findings.first(audit, LOOKED_AT)
  const stored = await stores.load([...new Set(found.map(({ identity }) => identity))])
  if (!found.some((finding) => mayBeResolved(finding, stored.get(finding.identity)))) return false
  try {
    await withDeadline(temporal, () =>
      temporal.schedule.getHandle('atproto-audit').trigger(ScheduleOverlapPolicy.SKIP),
    )
    return true
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return false // `check` reports it
    throw error
  }
}
