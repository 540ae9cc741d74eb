import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer, startWorker } from '../../../dev/servers/holdfast-process.ts'
import { freePort } from '../../../dev/servers/lib/ports.ts'
import { silentProgress } from '../../../dev/servers/lib/progress.ts'
import type { EmbeddedServer } from '../../../dev/servers/lib/server.ts'
import { startPgBouncer } from '../../../dev/servers/postgres/pgbouncer.ts'
import type { SupabaseServer } from '../../../dev/servers/supabase/supabase.ts'
import {
  openProject,
  openSupabase,
  ROLE_SQL,
  type SupabaseDatabase,
} from '../../state/postgres/supabase/database.ts'
import { atEnd } from '../at-end.ts'
import { holdfast, jsonOf, type CommandResult, type ProcessResult } from '../command.ts'
import { openWorld, type World } from '../world.ts'
import { openUsers, type OpenedProject } from './project.ts'

/** Real servers on which Holdfast serves Supabase alone: Postgres and Temporal, and no variable of another system. */
export interface SupabaseWorld extends OpenedProject {
  readonly world: World
  readonly env: Readonly<Record<string, string>>
  readonly server: SupabaseServer
  readonly project: SupabaseDatabase
  startWorker(): Promise<EmbeddedServer>
  startServer(): Promise<EmbeddedServer>
  hasProfile(id: string): Promise<boolean>
  /** A command of Holdfast, as an operator types it. */
  run(...args: string[]): Promise<ProcessResult>
  json(...args: string[]): Promise<CommandResult<Record<string, unknown>>>
}

/**
 * Opens one for a test file, with these variables beside its own; everything ends with the file. `pgbouncer`: the program,
 * through which in transaction mode Holdfast reaches the database.
 */
export async function openSupabaseWorld(
  more: Readonly<Record<string, string>> = {},
  { pgbouncer = null }: { pgbouncer?: string | null } = {},
): Promise<SupabaseWorld> {
  const world = await openWorld()
  const server = await openSupabase()
  const project = await openProject(server, { installed: false })
  const [port, operatorPort] = [String(await freePort()), String(await freePort())]
  const logDir = await mkdtemp(join(tmpdir(), 'supabase-'))
  atEnd(() => rm(logDir, { recursive: true, force: true }))
  const own = Object.entries(world.env).filter(([name]) => !/^(?:AUTH0|PDS|MONGODB)_/.test(name))
  const env: Record<string, string> = {
    ...Object.fromEntries(own),
    SUPABASE_DB_URL: await address(project, pgbouncer),
    HOLDFAST_SYSTEMS: 'supabase',
    HOLDFAST_URL: `http://127.0.0.1:${port}`,
    HOST: '127.0.0.1',
    PORT: port,
    OPERATOR_PORT: operatorPort,
    ...more,
  }
  const applied = await holdfast(
    { ...env, SUPABASE_ADMIN_DB_URL: project.urlOf('postgres') },
    'state',
    'apply',
    'supabase',
  )
  if (applied.code !== 0) throw new Error(applied.stderr)
  await project.as('postgres').query(ROLE_SQL)
  const opened = openUsers(project, { SUPABASE_DB_URL: env['SUPABASE_DB_URL'] ?? '', ...more })
  const track = async (starting: Promise<EmbeddedServer>): Promise<EmbeddedServer> => {
    const started = await starting
    atEnd(() => started.stop())
    return started
  }
  const common = { env, logDir, progress: silentProgress }
  return {
    ...opened,
    world,
    env,
    server,
    project,
    startWorker: () => track(startWorker(common)),
    startServer: () => track(startServer(common)),
    hasProfile: async (id) => (await opened.supabase.calls.profile(id)) !== null,
    run: (...args) => holdfast(env, ...args),
    json: (...args) => jsonOf(env, ...args),
  }
}

/** For all processes of Holdfast together three connections to the server: they get each other's. */
const POOL_SIZE = 3

async function address(project: SupabaseDatabase, pgbouncer: string | null): Promise<string> {
  const direct = project.urlOf('holdfast')
  if (pgbouncer === null) return direct
  const pooler = await startPgBouncer({
    program: pgbouncer,
    postgresUrl: direct,
    poolSize: POOL_SIZE,
    progress: silentProgress,
  })
  atEnd(() => pooler.stop())
  return pooler.through(direct)
}
