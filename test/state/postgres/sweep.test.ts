import { sql } from 'kysely'
import { beforeAll, expect, it } from 'vitest'
import { createQuarantine } from '../../../src/state/postgres/quarantine/quarantine.ts'
import { createKeyring } from '../../../src/crypto/keyring.ts'
import { EXPIRING_TABLES } from '../../../src/state/postgres/lib/sweep.ts'
import { applyState } from '../../../src/state/postgres/migrate.ts'
import type { StateDb } from '../../../src/state/postgres/tables.ts'
import { createWorkerReports } from '../../../src/state/postgres/workers.ts'
import { emptyDatabase, openPostgres } from './database.ts'

let db: StateDb
beforeAll(async () => {
  const { connect } = await emptyDatabase(await openPostgres())
  db = connect().db
  await applyState(db)
})

it('goes through every table with rows that expire', async () => {
  const { rows } = await sql<{ name: string }>`
    select format('%s.%s', table_schema, table_name) as name from information_schema.columns
    where table_schema = 'holdfast' and column_name = 'expires_at'
      and table_name not in ('actions', 'action_outcomes')`.execute(db)
  expect(rows.map(({ name }) => name).toSorted()).toEqual(EXPIRING_TABLES.toSorted())
})

it('deletes what has expired while workers report, though nothing more is written to its table', async () => {
  const keyring = createKeyring([{ id: 'k1', bytes: Buffer.alloc(32, 1) }])
  const quarantine = createQuarantine(db, 'medusa', { keyring, hash: (value) => value, keepDays: 30 })
  const entry = (content: string) => ({ tenant: '-', reason: 'not JSON', content })
  await quarantine.store(['a', 'b', 'c'].map(entry))
  await sql`update holdfast.quarantine set expires_at = now() - interval '1 second' where content is not null`.execute(
    db,
  )
  await quarantine.store([entry('d')])
  expect(await quarantine.ids()).toHaveLength(1)
  const reports = createWorkerReports(db, 'medusa')
  const worker = { identity: '1@a', host: 'a', pid: 1, build: 'b', startedAt: new Date(), settings: {} }
  for (const _ of EXPIRING_TABLES) await reports.report(worker, false)
  const { rows } = await sql`select id from holdfast.quarantine`.execute(db)
  expect(rows).toHaveLength(1)
})
