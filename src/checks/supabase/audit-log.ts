import type { SupabaseSetup } from '../../adapters/supabase/setup.ts'
import { checkFinding } from '../../domain/check-findings.ts'
import type { CheckResult } from '../check.ts'

const SYSTEM = 'supabase'
/** From this number of entries on, an index is worth its cost. */
const MANY = 100_000

/** Whether Supabase Auth writes its audit log, and whether it can be searched by time. */
export async function checkAuditLog(setup: SupabaseSetup): Promise<CheckResult> {
  const { entries, recent, indexed, owned } = await setup.auditLog()
  const statement = 'create index concurrently on auth.audit_log_entries (created_at)'
  const advised = entries > MANY && !indexed && owned
  return {
    notices: [
      ...(recent ? [] : [checkFinding(SYSTEM, 'audit-log-empty')]),
      ...(advised
        ? [checkFinding(SYSTEM, 'audit-log-unindexed', { entries: String(entries), statement })]
        : []),
    ],
    facts: [
      recent ? 'has entries of the last 30 days' : 'has no entry of the last 30 days',
      ...(entries > MANY && !indexed && !owned
        ? [
            `about ${entries} entries, without an index on the time, which Supabase does not let this role create`,
          ]
        : []),
    ],
  }
}
