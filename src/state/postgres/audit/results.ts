import { sql } from 'kysely'
import type { AuditCounts } from '../../../contracts/audit.ts'
import type { System } from '../../../contracts/systems.ts'
import { callPostgres } from '../../../adapters/postgres/lib/errors.ts'
import type { AuditFindings } from '../../ports/audit-findings.ts'
import { auditsIn } from '../lib/audits-in.ts'
import { deleteBatch } from '../lib/delete-batch.ts'
import { createExpiry } from '../lib/expiry.ts'
import { toJson } from '../lib/json.ts'
import type { StateDb } from '../tables.ts'

const TABLE = 'holdfast.audits'
const FINDINGS = 'holdfast.audit_findings'
const KEEP_MS = 30 * 24 * 3_600_000
/** The number of scheduled audits whose findings are kept. */
const KEPT = 2

export function createAuditResults(
  db: StateDb,
  system: System,
): Pick<AuditFindings, 'saveResult' | 'loadResult' | 'latestFullAudit' | 'countsBetween' | 'deleteOld'> {
  const expire = createExpiry(db, TABLE)
  /** Without those that have expired and are deleted later. */
  const kept = () =>
    db
      .selectFrom('holdfast.audits')
      .where('system', '=', system)
      .where('expires_at', '>', sql<Date>`now()`)
  return {
    async saveResult({ findings: _findings, ...result }, scheduled = false) {
      const { tenant, last, since, id } = result.scope
      const ofEverybody = [tenant, last, since, id].every((one) => one === null)
      const expiresAt = new Date(Date.now() + KEEP_MS)
      await callPostgres(TABLE, 'update', async () => {
        await sql`
          insert into holdfast.audits (system, audit, at, of_everybody, scope_id, scheduled, result, expires_at)
          values (${system}, ${result.auditId}, ${result.at}, ${ofEverybody}, ${id}, ${scheduled},
            ${toJson(result)}::jsonb, ${expiresAt})
          on conflict (system, audit) do update set
            at = excluded.at, of_everybody = excluded.of_everybody, scope_id = excluded.scope_id,
            scheduled = excluded.scheduled, result = excluded.result, expires_at = excluded.expires_at`.execute(
          db,
        )
        await expire()
      })
    },

    loadResult: (audit) =>
      callPostgres(TABLE, 'find', async () => {
        const found = await kept().select('result').where('audit', '=', audit).executeTakeFirst()
        return found?.result ?? null
      }),

    latestFullAudit: () =>
      callPostgres(TABLE, 'find', async () => {
        const latest = kept().select('audit').where('of_everybody', '=', true).orderBy('at', 'desc')
        return (await latest.limit(1).executeTakeFirst())?.audit ?? null
      }),

    countsBetween: (since, until) =>
      callPostgres(TABLE, 'find', async () => {
        const { rows } = await sql<{ at: string; counts: AuditCounts }>`
          select at, result -> 'counts' as counts from holdfast.audits
          where system = ${system} and at > ${since} and at < ${until} and expires_at > now()
          order by at`.execute(db)
        return rows
      }),

    /** Audits are found by their findings, since an audit that failed has no stored result. */
    async deleteOld() {
      const { rows: old } = await callPostgres(FINDINGS, 'find', () =>
        sql<{ audit: string }>`
          with present as (${auditsIn(FINDINGS, system, sql`scheduled`)}),
          kept as (
            select audit from holdfast.audits where system = ${system} and scheduled order by at desc limit ${KEPT}
          )
          select audit from present where audit not in (select audit from kept)`.execute(db),
      )
      for (const { audit } of old) {
        if (!(await deleteBatch(db, FINDINGS, sql`system = ${system} and audit = ${audit}`)))
          return { all: false }
      }
      return { all: true }
    },
  }
}
