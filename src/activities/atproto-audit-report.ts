import type { AlertFinding } from '../contracts/alerts.ts'
import { GAPS } from '../contracts/gaps.ts'
import { asksForSomebody } from '../domain/gaps.ts'
import type { AtprotoDeps } from './atproto-deps.ts'
import { isWhole } from './atproto-scope.ts'
import type { FindAndRepairActivities } from './find-and-repair.ts'

/**
 * An audit that left somebody out says nothing is well of nobody: only one of all tenants settles the alert, and only
 * one whose lists were whole closes anything.
 */
export function createAuditReport(deps: AtprotoDeps): FindAndRepairActivities['reportAudit'] {
  const { findings, cursors, tenants, graceMs } = deps
  const { alerts } = deps.health

  return async ({ auditId, scope, system, at, gaps, notices }) => {
    if (!isWhole(scope)) return
    const complete = notices.length === 0
    if (scope.tenant === null) {
      const kinds = GAPS.filter((kind) => asksForSomebody(kind) && gaps[kind] !== undefined)
      const found: AlertFinding[] = []
      if (kinds.length > 0) {
        const { identities, since } = await findings.affected(auditId, kinds)
        const detail = Object.fromEntries(kinds.map((kind) => [kind, String(gaps[kind])]))
        found.push({ name: 'gaps-found', count: identities, since: since ?? at, detail })
      }
      if (found.length > 0 || complete)
        await alerts.settle({ system, scope: ['gaps-found'], findings: found })
      await alerts.deliver()
    }
    if (!complete) return
    // Whoever signed up within the grace time was not judged yet.
    const judgedUpTo = new Date(Date.parse(at) - graceMs)
    for (const { name } of tenants)
      if (scope.tenant === null || scope.tenant === name) await cursors.closeGap(name, judgedUpTo)
  }
}
