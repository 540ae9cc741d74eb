import type { AlertFinding } from '../../contracts/alerts.ts'
import { gapNames, type Gap } from '../../contracts/gaps.ts'
import { needsAction, repairOf } from '../../domain/gaps.ts'
import type { Alerts } from '../../adapters/notify/alerts.ts'
import type { RunningSignups } from '../../client/running-signups.ts'
import type { Signups } from '../../client/signups.ts'
import { isFullScope } from './scope.ts'
import { recordsLost, type RecordsLostDeps } from './records-lost.ts'
import type { AuditActivities } from '../audit.ts'
import type { AuditAnswers } from './answers.ts'
import type { Cursors } from '../../state/ports/cursors.ts'

export interface AuditReportDeps extends RecordsLostDeps {
  readonly alerts: Alerts
  readonly cursors: Cursors
  readonly running: RunningSignups
  readonly signups: Signups
  readonly graceMs: number
}

/**
 * Reconciles the alerts of an audit. Gaps that a blocked signup would repair belong to the alert about its problem, and
 * are left out of `gaps-found`. Only an audit of all tenants opens or closes that alert, and an audit whose lists were
 * incomplete closes nothing.
 */
export function createAuditReport(
  deps: AuditReportDeps,
  { tenants }: Pick<AuditAnswers, 'tenants'>,
): AuditActivities['publishAuditAlerts'] {
  const { alerts, findings, cursors, running, signups, graceMs } = deps

  /** People are compared by workflow id, which names a person by a hash where the identity holds an e-mail address. */
  const blockedAmong = async (auditId: string, kinds: readonly Gap[]): Promise<string[]> => {
    const blocked = new Set(await running.blocked())
    if (blocked.size === 0) return []
    return findings.identitiesOf(auditId, kinds, (person) => blocked.has(signups.workflowIdOf(person)))
  }

  return async ({ auditId, scope, system, at, gaps, notices }) => {
    if (!isFullScope(scope)) return
    const complete = notices.length === 0
    if (scope.tenant === null) {
      const kinds = gapNames(system).filter((kind) => needsAction(system, kind) && gaps[kind] !== undefined)
      const found: AlertFinding[] = []
      if (kinds.length > 0) {
        const exceptOf = kinds.filter((kind) => repairOf(system, kind) === 'signup')
        const except = await blockedAmong(auditId, exceptOf)
        const affected = await findings.affected(auditId, kinds, { except, exceptOf })
        const { identities, since } = affected
        const detail = Object.fromEntries(
          Object.entries(affected.kinds).map(([kind, count]) => [kind, String(count)]),
        )
        if (identities > 0) found.push({ name: 'gaps-found', count: identities, since: since ?? at, detail })
      }
      if (found.length > 0 || complete)
        await alerts.reconcile({ system, scope: ['gaps-found'], findings: found })
      await alerts.reconcile({
        system,
        scope: ['records-lost'],
        findings: await recordsLost(deps, { auditId, at, system }, await alerts.openSince('records-lost')),
      })
      await alerts.deliver()
    }
    if (!complete) return
    // People who signed up within the grace time were not judged yet.
    const judgedUpTo = new Date(Date.parse(at) - graceMs)
    for (const name of tenants)
      if (scope.tenant === null || scope.tenant === name) await cursors.closeGap(name, judgedUpTo)
  }
}
