import { sql } from 'kysely'
import type { System } from '../../../contracts/systems.ts'
import { callPostgres } from '../../../adapters/postgres/lib/errors.ts'
import type { AuditMarks } from '../../ports/audit-marks.ts'
import { deleteBatch } from '../lib/delete-batch.ts'
import { createExpiry } from '../lib/expiry.ts'
import type { StateDb } from '../tables.ts'

const TABLE = 'holdfast.audit_marks'
/** An audit deletes its marks when it ends; this limit is for those of a run that was killed. */
const KEEP_MS = 24 * 3_600_000

export function createAuditMarks(db: StateDb, system: System): AuditMarks {
  const expire = createExpiry(db, TABLE)
  return {
    async add(audit, mark, names) {
      if (names.length === 0) return
      const expiresAt = new Date(Date.now() + KEEP_MS)
      await callPostgres(TABLE, 'insert', async () => {
        await sql`
          insert into holdfast.audit_marks (system, audit, mark, name, expires_at)
          select ${system}, ${audit}, ${mark}, name, ${expiresAt}::timestamptz
          from unnest(${names.toSorted()}::text[]) as marked (name)
          on conflict do nothing`.execute(db)
        await expire(names.length)
      })
    },

    find: (audit, mark, names) =>
      callPostgres(TABLE, 'find', async () => {
        const marked = sql`system = ${system} and audit = ${audit} and mark = ${mark} and expires_at > now()`
        const any = await sql`select from holdfast.audit_marks where ${marked} limit 1`.execute(db)
        if (any.rows.length === 0) return new Set()
        const { rows } = await sql<{ name: string }>`
          select name from holdfast.audit_marks
          where ${marked} and name = any(${[...names()]}::text[])`.execute(db)
        return new Set(rows.map(({ name }) => name))
      }),

    deleteBatch: async (audit) => ({
      all: await deleteBatch(db, TABLE, sql`system = ${system} and audit = ${audit}`),
    }),
  }
}
