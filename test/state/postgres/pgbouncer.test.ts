import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { silentProgress as progress } from '../../../dev/servers/lib/progress.ts'
import { findPgBouncer, startPgBouncer, type PgBouncer } from '../../../dev/servers/postgres/pgbouncer.ts'
import type { PostgresServer } from '../../../dev/servers/postgres/postgres.ts'
import { connectPostgres } from '../../../src/adapters/postgres/lib/connect.ts'
import { checkPostgres } from '../../../src/checks/postgres.ts'
import { shellEnv } from '../../../src/config.ts'
import type { State } from '../../../src/state/ports.ts'
import { applyState, assertStateVersion } from '../../../src/state/postgres/migrate.ts'
import { createPostgresState } from '../../../src/state/postgres/state.ts'
import { stateFiles } from '../../../src/state/postgres/state-files.ts'
import type { StateTables } from '../../../src/state/postgres/tables.ts'
import { atEnd } from '../../support/at-end.ts'
import { eventually } from '../../support/eventually.ts'
import { addLibraryWords } from '../../support/library/add-words.ts'
import { emptyDatabase, openPostgres } from './database.ts'

addLibraryWords()
const CLIENTS = 8
const program = await findPgBouncer()
if (program === null && shellEnv()['CI'] === 'true') throw new Error('pgbouncer is not installed')
const title = 'through PgBouncer in transaction mode'

describe.skipIf(program === null)(
  program === null ? `${title} (skipped: pgbouncer is not installed)` : title,
  () => {
    let postgres: PostgresServer
    let pgbouncer: PgBouncer
    beforeAll(async () => {
      postgres = await openPostgres()
      pgbouncer = await startPgBouncer({
        program: program ?? '',
        postgresUrl: postgres.url,
        poolSize: 2,
        progress,
      })
      atEnd(() => pgbouncer.stop())
    })

    /** A database behind the pooler; each call of `open` is another process. */
    async function databaseBehind(callMs = 7_000) {
      const { url } = await emptyDatabase(postgres)
      const connect = () => {
        const database = connectPostgres<StateTables>({ url: pgbouncer.through(url), callMs })
        atEnd(() => database.close())
        return database
      }
      return { connect, url: pgbouncer.through(url) }
    }

    async function processes(): Promise<State[]> {
      const { connect } = await databaseBehind()
      await applyState(connect().db)
      return Array.from({ length: CLIENTS }, () => createPostgresState(connect(), 'medusa'))
    }

    it('applies the tables once, though several processes do so at once', async () => {
      const { connect } = await databaseBehind()
      const results = await Promise.all(Array.from({ length: 4 }, () => applyState(connect().db)))
      const counts = results.map(({ applied }) => applied.length).toSorted((a, b) => a - b)
      expect(counts).toEqual([0, 0, 0, stateFiles().length])
      await assertStateVersion(connect().db, 'medusa')
    })

    it('is refused with a parameter that a pooler does not pass on', async () => {
      const { url } = await databaseBehind()
      const withOptions = connectPostgres({ url: `${url}?options=-c%20statement_timeout%3D1000` })
      atEnd(() => withOptions.close())
      await expect(sql`select 1`.execute(withOptions.db)).rejects.toThrow('unsupported startup parameter')
    })

    it('lets a long transaction take longer than the role may, for itself alone', async () => {
      const { connect } = await databaseBehind()
      const { db, longTransaction } = connect()
      const limitOf = async (reader: typeof db) =>
        (await sql<{ limit: string }>`select current_setting('statement_timeout') as limit`.execute(reader))
          .rows[0]?.limit
      expect(await longTransaction(600_000, limitOf)).toBe('10min')
      expect(await Promise.all(Array.from({ length: 6 }, () => limitOf(db)))).toEqual(Array(6).fill('0'))
    })

    it('is noticed by check, in transaction mode and in session mode', async () => {
      const { url, connect } = await emptyDatabase(postgres)
      await applyState(connect().db)
      const sessions = await startPgBouncer({
        program: program ?? '',
        postgresUrl: postgres.url,
        poolSize: 4,
        mode: 'session',
        progress,
      })
      atEnd(() => sessions.stop())
      const facts = async (at: string) =>
        (await checkPostgres(connect({ url: at }), 'library')).facts?.filter((fact) => /connected/.test(fact))
      expect(await facts(url)).toEqual(['connected without a pooler'])
      expect(await facts(pgbouncer.through(url))).toEqual(['connected through a pooler in transaction mode'])
      expect(await facts(sessions.through(url))).toEqual([
        expect.stringContaining('connected through a pooler in session mode'),
      ])
    })

    it('advances a source once for each page, by whichever process comes first', async () => {
      const states = await processes()
      let from: string | null = null
      for (const page of ['a', 'b', 'c', 'd', 'e']) {
        const step = (index: number) => ({ from, to: `${page}${index}`, lastEventAt: new Date() })
        const moved = await Promise.all(
          states.map(({ cursors }, index) => cursors.advance('t', 'log', step(index))),
        )
        expect(moved.filter(Boolean)).toHaveLength(1)
        from = `${page}${moved.indexOf(true)}`
        expect(await states[0]?.cursors.place('t', 'log')).toBe(from)
      }
    })

    it('keeps what several processes write at once', async () => {
      const states = await processes()
      const ids = Array.from({ length: 100 }, (_, index) => `e${index}`)
      const at = new Date()
      const by = { name: 'ana', verified: true, via: 'command' } as const
      await Promise.all(
        states.map(async (state, index) => {
          const events = ids.map((logId) => ({
            code: 'fv',
            identity: 'auth0|x',
            at: at.toISOString(),
            logId,
          }))
          await state.notedEvents.record('t', index % 2 === 0 ? events : events.toReversed())
          await state.seenEvents.record('t', index % 2 === 0 ? ids : ids.toReversed())
          const tombstones = state.tombstones((identity) => `hash of ${identity}`)
          await tombstones.set('auth0|x', new Date(at.getTime() + index))
          await tombstones.finish('auth0|x', { users: 1 })
          await state.ignored.add({ tenant: 't', identity: `p${index}`, until: new Date(8e12), reason: 'r' })
          await state.oldDeletions.record({ identity: 'auth0|x', tenant: 't', deletedAt: at })
          await state.workers.report(
            { identity: `${index}@h`, host: 'h', pid: index, build: 'b', startedAt: at, settings: {} },
            false,
          )
          const action = {
            system: 'medusa',
            name: 'retry',
            kind: 'change',
            scope: null,
            reason: null,
          } as const
          const id = await state.actions.begin({ ...action, by, subjects: ['s'] })
          await state.actions.end(id, { outcome: 'succeeded', keyIds: [], count: index, error: null })
          await state.ping()
          await state.checkHealth()
        }),
      )
      const [state] = states as [State]
      const counts = await state.notedEvents.counts(new Date(at.getTime() - 86_400_000))
      expect(counts.map(({ count }) => count)).toEqual([100])
      expect((await state.seenEvents.known('t', ids)).size).toBe(100)
      const tombstone = await state.tombstones((identity) => `hash of ${identity}`).find('auth0|x')
      expect(tombstone?.at.getTime()).toBe(at.getTime() + CLIENTS - 1)
      expect(await state.ignored.list()).toHaveLength(CLIENTS)
      expect(await state.oldDeletions.count('t')).toBe(1)
      expect(await state.workers.list()).toHaveLength(CLIENTS)
      expect(await state.actions.list({ subject: 's' }, 99)).toHaveLength(CLIENTS)
    })

    it('has one pause of all that are set at once', async () => {
      const states = await processes()
      const set = await Promise.all(states.map(({ switches }, index) => switches.pause(`p${index}`, null)))
      expect(new Set(set.map(({ by }) => by)).size).toBe(1)
      await expect(states[1]?.switches.assertNotPaused()).rejects.toMatchObject({ problem: 'paused' })
      expect(await states[2]?.switches.resume()).toEqual(set[0])
    })

    it('says that Postgres does not answer while the server behind it is away, and goes on afterwards', async () => {
      const { connect } = await databaseBehind(1_500)
      const database = connect()
      await applyState(database.db)
      const state = createPostgresState(database, 'medusa')
      await state.ping()
      await postgres.kill()
      // the processes of the pooler's connections may answer until they notice that their parent is gone
      await eventually('no answer', () =>
        state.ping().then(
          () => false,
          () => true,
        ),
      )
      for (let call = 0; call < 3; call += 1)
        await expect(state.ping()).rejects.toMatchObject({ problem: 'postgres-unreachable' })
      await postgres.restart()
      await eventually('an answer', () => state.ping().then(() => true), 30_000)
    })
  },
)
