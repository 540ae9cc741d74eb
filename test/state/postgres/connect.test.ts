import { sql } from 'kysely'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { PostgresServer } from '../../../dev/servers/postgres/postgres.ts'
import { emptyDatabase, openPostgres } from './database.ts'
import { eventually } from '../../support/eventually.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await openPostgres()
})

const CALL_MS = 300

describe('a connection to Postgres', () => {
  it('is opened by the first call, under the name of this program', async () => {
    const { db } = (await emptyDatabase(server)).connect()
    const { rows } = await sql`
      select current_setting('application_name') as name, count(*) from pg_class where false`.execute(db)
    expect(rows).toEqual([{ name: 'holdfast', count: 0 }])
  })

  it('ends a call at its limit, and leaves no later call waiting for it', async () => {
    const { db, within } = (await emptyDatabase(server)).connect({ callMs: CALL_MS })
    await sql`select 1`.execute(db)
    await expect(sql`select pg_sleep(3)`.execute(db)).rejects.toThrow('no answer within 0.3 s')
    for (let call = 0; call < 5; call += 1) await sql`select 1`.execute(db)
    await sql`select pg_sleep(${(CALL_MS * 2) / 1_000})`.execute(within(10_000))
  })

  it('ends all calls of a transaction together at that limit, and rolls them back', async () => {
    const { db, within } = (await emptyDatabase(server)).connect({ callMs: CALL_MS })
    await sql`create table public.t (n int)`.execute(db)
    const slow = db.transaction().execute(async (transaction) => {
      await sql`insert into public.t values (1)`.execute(transaction)
      for (let call = 0; call < 20; call += 1) await sql`select pg_sleep(0.1)`.execute(transaction)
    })
    await expect(slow).rejects.toThrow('no answer within 0.3 s')
    const { rows } = await sql`select n from public.t`.execute(within(10_000))
    expect(rows).toEqual([])
  })

  it('of a role with a limit lets a long transaction take as long as it may, and nothing after it', async () => {
    const database = await emptyDatabase(server)
    const role = `limited_${Date.now()}`
    const owner = database.connect().db
    await sql`create role ${sql.id(role)} login password 'p'`.execute(owner)
    await sql`alter role ${sql.id(role)} set statement_timeout = '200ms'`.execute(owner)
    const url = new URL(database.url)
    url.username = role
    url.password = 'p'
    const { db, longTransaction } = database.connect({ url: url.href })
    const slow = sql`select pg_sleep(0.5)`
    await expect(slow.execute(db)).rejects.toThrow('statement timeout')
    await longTransaction(10_000, (transaction) => slow.execute(transaction))
    await expect(longTransaction(300, (transaction) => slow.execute(transaction))).rejects.toThrow()
    await expect(slow.execute(db)).rejects.toThrow('statement timeout')
  })

  it('is described by its URL, and by no variable that the driver reads from the environment', async () => {
    const { connect } = await emptyDatabase(server)
    vi.stubEnv('PGOPTIONS', '-c statement_timeout=1234')
    vi.stubEnv('PGREPLICATION', 'database')
    vi.stubEnv('PGSSLMODE', 'require')
    try {
      const { db } = connect()
      const { rows } = await sql`select current_setting('statement_timeout') as limit`.execute(db)
      expect(rows).toEqual([{ limit: '0' }])
    } finally {
      vi.unstubAllEnvs()
    }
  })

  it('knows that no pooler is in between', async () => {
    expect(await (await emptyDatabase(server)).connect().pooling()).toBe('none')
  })

  it('that breaks while idle, or within a transaction, ends no process and no later call', async () => {
    const { db } = (await emptyDatabase(server)).connect()
    const broken = db.transaction().execute(async (transaction) => {
      await sql`select 1`.execute(transaction)
      await server.kill()
      // the process of this connection may answer until it notices that its parent is gone
      for (;;) await sql`select pg_sleep(0.01)`.execute(transaction)
    })
    await expect(broken).rejects.toThrow()
    await server.restart()
    await eventually('an answer', () => sql`select 1`.execute(db).then(() => true))
    await server.kill() // the connection is idle
    await server.restart()
    await sql`select 1`.execute(db)
  })

  it('is encrypted where the address says so, and never silently in clear', async () => {
    const { url, connect } = await emptyDatabase(server)
    for (const mode of ['prefer', 'require', 'verify-full'])
      await expect(sql`select 1`.execute(connect({ url: `${url}?sslmode=${mode}` }).db)).rejects.toThrow(
        'does not support SSL',
      )
    await sql`select 1`.execute(connect({ url: `${url}?sslmode=disable` }).db)
  })
})
