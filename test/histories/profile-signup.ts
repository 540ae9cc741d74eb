import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pool } from 'pg'
import { startWorker } from '../../dev/servers/holdfast-process.ts'
import { silentProgress as progress } from '../../dev/servers/lib/progress.ts'
import { startSupabase } from '../../dev/servers/supabase/supabase.ts'
import { createAuthUsers } from '../../dev/servers/supabase/users.ts'
import { connectPostgres } from '../../src/adapters/postgres/lib/connect.ts'
import { createSignups } from '../../src/client/signups.ts'
import { loadConfig } from '../../src/config.ts'
import { createIdHash } from '../../src/crypto/keyring.ts'
import { applyState, filesFor } from '../../src/state/postgres/migrate.ts'
import type { StateTables } from '../../src/state/postgres/tables.ts'
import type { World } from '../support/create-world.ts'
import { eventually } from '../support/eventually.ts'

const ROLE = new URL('../../sql/supabase/role.sql', import.meta.url)

/**
 * A user whose metadata come late, and whose profile the table refuses until they are corrected. Returns the id of the
 * workflow.
 */
export async function playProfileSignup(world: World): Promise<string> {
  const server = await startSupabase({ progress })
  const pools = (['postgres', 'supabase_auth_admin'] as const).map(
    (role) => new Pool({ connectionString: server.urlOf(role), max: 1 }),
  )
  const [owner, auth] = pools
  const logDir = await mkdtemp(join(tmpdir(), 'history-'))
  const installing = connectPostgres<StateTables>({ url: server.urlOf('postgres') })
  try {
    if (owner === undefined || auth === undefined) throw new Error('there are two pools')
    await applyState(installing.db, filesFor({ ownSql: 'supabase' }))
    await owner.query(await readFile(ROLE, 'utf8'))
    await owner.query('drop function public.handle_new_user() cascade')
    const env = {
      ...world.env,
      HOLDFAST_SYSTEMS: 'supabase',
      SUPABASE_DB_URL: server.urlOf('holdfast'),
      SUPABASE_PROFILES_BY: 'holdfast',
    }
    const setMetadata = (identity: string, metadata: object) =>
      auth.query(`update auth.users set raw_user_meta_data = $2 where id = $1`, [identity, metadata])
    const worker = await startWorker({ env, logDir, progress })
    try {
      const identity = await createAuthUsers(auth).signUp({
        email: 'ada@example.com',
      })
      const signups = createSignups(
        world.temporal,
        'supabase',
        createIdHash(loadConfig(['keys'], world.env).keys.id),
      )
      const { workflowId } = await signups.notify({ tenant: '-', identity })
      const handle = world.temporal.workflow.getHandle(workflowId)
      await eventually('it has waited for metadata', async () =>
        ((await handle.fetchHistory()).events ?? []).some((event) => event.timerFiredEventAttributes),
      )
      await setMetadata(identity, { account_type: 'unknown' })
      await eventually('it is blocked', async () => {
        const status = await handle.query<{ problem: object | null }>('status')
        return status.problem !== null
      })
      await setMetadata(identity, { account_type: 'business' })
      await handle.signal('retry')
      await handle.result()
      return workflowId
    } finally {
      await worker.stop()
    }
  } finally {
    await Promise.all([installing.close(), ...pools.map((pool) => pool.end())])
    await server.stop()
    await rm(logDir, { recursive: true, force: true })
  }
}
