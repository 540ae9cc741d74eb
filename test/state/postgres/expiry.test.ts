import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { createExpiry } from '../../../src/state/postgres/lib/expiry.ts'
import { applyState } from '../../../src/state/postgres/migrate.ts'
import type { StateDb } from '../../../src/state/postgres/tables.ts'
import { emptyDatabase, openPostgres } from './database.ts'

const TABLE = 'holdfast.seen_events'

describe('rows that have expired', () => {
  let db: StateDb
  let other: StateDb
  beforeAll(async () => {
    const { connect } = await emptyDatabase(await openPostgres())
    ;[db, other] = [connect().db, connect().db]
    await applyState(db)
  })

  async function refill(): Promise<void> {
    await db.deleteFrom(TABLE).execute()
    await sql`
      insert into holdfast.seen_events (system, tenant, id, expires_at)
      select 'medusa', 't', n::text, now() + case when n <= 25 then -1 else 1 end * interval '1 hour'
      from generate_series(1, 30) n`.execute(db)
  }
  const left = async (): Promise<number> => (await db.selectFrom(TABLE).select('id').execute()).length

  it('are deleted a batch at a time, until none is left; the others stay', async () => {
    await refill()
    const expire = createExpiry(db, TABLE, { batchRows: 10 })
    const counts: number[] = []
    for (let call = 0; call < 4; call += 1) {
      await expire()
      counts.push(await left())
    }
    expect(counts).toEqual([20, 10, 5, 5])
  })

  it('go faster than a flood of others comes', async () => {
    const expire = createExpiry(db, TABLE, { batchRows: 2 })
    await refill()
    const counts: number[] = []
    for (let call = 0; call < 4; call += 1) {
      await expire(5)
      counts.push(await left())
    }
    expect(counts).toEqual([20, 10, 5, 5])
  })

  it('are looked for once in the interval by one process', async () => {
    const expire = createExpiry(db, TABLE)
    await expire()
    await refill()
    await expire()
    expect(await left()).toBe(30)
  })

  it('are deleted by two processes at once without waiting for each other', async () => {
    await refill()
    await db.transaction().execute(async (transaction) => {
      await createExpiry(transaction, TABLE, { batchRows: 10 })()
      await createExpiry(other, TABLE, { batchRows: 10 })()
    })
    expect(await left()).toBe(10)
  })
})
