import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Pool } from 'pg'
import { startServer, startWorker } from '../../../dev/servers/holdfast-process.ts'
import { freePort } from '../../../dev/servers/lib/ports.ts'
import { silentProgress } from '../../../dev/servers/lib/progress.ts'
import type { EmbeddedServer } from '../../../dev/servers/lib/server.ts'
import { startPostgres, type PostgresServer } from '../../../dev/servers/postgres/postgres.ts'
import { atEnd } from '../at-end.ts'
import { runNode, type ProcessResult } from '../command.ts'
import { openWorld, type World } from '../world.ts'
import { addLibraryWords } from './add-words.ts'
import { SCHEMA } from './database.ts'

addLibraryWords()
const ENTRY = fileURLToPath(new URL('entry.ts', import.meta.url))

/** Real servers on which Holdfast serves the library, alone or beside `atproto`. */
export interface LibraryWorld {
  /** The servers of `atproto` too; its variables are in `env` only where it is served. */
  readonly world: World
  readonly env: Readonly<Record<string, string>>
  readonly postgres: PostgresServer
  readonly db: Pool
  startWorker(): Promise<EmbeddedServer>
  startServer(): Promise<EmbeddedServer>
  /** A member of the front desk; returns their id. */
  join(member?: { confirmed?: boolean; daysAgo?: number }): Promise<string>
  cardOf(id: string): Promise<string | null>
  /** Takes the provider's table away, or puts it back: the state, which is in the same database, stays. */
  setFrontDesk(to: 'away' | 'there'): Promise<void>
  /** A command of Holdfast, as an operator types it. */
  run(...args: string[]): Promise<ProcessResult>
  json(...args: string[]): Promise<{ code: number | null; document: Record<string, unknown>; stderr: string }>
}

/** Opens one for a test file, its state in the library's own Postgres; everything ends with the file. */
export async function openLibraryWorld({ withAtproto = false } = {}): Promise<LibraryWorld> {
  const world = await openWorld()
  const postgres = await startPostgres({ progress: silentProgress })
  atEnd(() => postgres.stop())
  const db = new Pool({ connectionString: postgres.url, max: 2 })
  db.on('error', () => {}) // the tests stop this server
  atEnd(() => db.end())
  await db.query(SCHEMA)
  const port = String(await freePort())
  const logDir = await mkdtemp(join(tmpdir(), 'library-'))
  atEnd(() => rm(logDir, { recursive: true, force: true }))
  const own = Object.entries(world.env).filter(
    ([name]) => withAtproto || !/^(?:AUTH0|PDS|MONGODB)_/.test(name),
  )
  const env: Record<string, string> = {
    ...Object.fromEntries(own),
    LIBRARY_DB_URL: postgres.url,
    HOLDFAST_SYSTEMS: withAtproto ? 'atproto,library' : 'library',
    HOLDFAST_URL: `http://127.0.0.1:${port}`,
    HOST: '127.0.0.1',
    PORT: port,
  }
  const track = async (starting: Promise<EmbeddedServer>): Promise<EmbeddedServer> => {
    const started = await starting
    atEnd(() => started.stop())
    return started
  }
  const common = { env, logDir, progress: silentProgress }
  const run = (...args: string[]): Promise<ProcessResult> => runNode([ENTRY, ...args, '--use-env'], env)
  const applied = await run('state', 'apply', 'library')
  if (applied.code !== 0) throw new Error(applied.stderr)
  return {
    world,
    env,
    postgres,
    db,
    startWorker: () => track(startWorker({ ...common, script: [ENTRY, 'worker'] })),
    startServer: () => track(startServer({ ...common, script: [ENTRY, 'server'] })),
    async join({ confirmed = true, daysAgo = 0 } = {}) {
      const { rows } = await db.query<{ id: string }>(
        `insert into members (id, confirmed, signed_up_at)
         values ('m-' || substr(md5(random()::text), 1, 8), $1, now() - $2 * interval '1 day') returning id`,
        [confirmed, daysAgo],
      )
      return rows[0]?.id ?? ''
    },
    async setFrontDesk(to) {
      const [from, name] = to === 'away' ? ['members', 'members_away'] : ['members_away', 'members']
      await db.query(`alter table ${from} rename to ${name}`)
    },
    async cardOf(id) {
      const { rows } = await db.query<{ number: string }>('select number from cards where member_id = $1', [
        id,
      ])
      return rows[0]?.number ?? null
    },
    run,
    async json(...args) {
      const { code, stdout, stderr } = await run(...args, '--json')
      return { code, document: JSON.parse(stdout) as Record<string, unknown>, stderr }
    },
  }
}
