import { beforeAll, expect, it } from 'vitest'
import type { EmbeddedServer } from '../../dev/servers/lib/server.ts'
import type { BackfillProgress } from '../../src/contracts/backfill.ts'
import { eventually } from '../support/eventually.ts'
import { openSupabaseWorld, type SupabaseWorld } from '../support/supabase/world.ts'

const USERS = 2_000
const REFUSED = USERS / 10
const REPAIRABLE = USERS - REFUSED
const HOUR_AGO = new Date(Date.now() - 3_600_000)
const PATIENCE_MS = 120_000

let sb: SupabaseWorld
let worker: EmbeddedServer
beforeAll(async () => {
  sb = await openSupabaseWorld()
  await sb.loseTrigger()
  await sb.users.signUpMany(USERS, { createdAt: HOUR_AGO })
  // Every tenth has a value that the table refuses, so that each batch of a hundred has some.
  await sb.project.as('supabase_auth_admin').query(`
    update auth.users u set raw_user_meta_data = '{"account_type":"alien"}'
      from (select id, row_number() over (order by id) as place from auth.users) numbered
     where u.id = numbered.id and place % 10 = 0`)
  worker = await sb.startWorker()
})

async function rowOf(sql: string): Promise<Record<string, number>> {
  const { rows } = await sb.project.as('postgres').query<Record<string, number>>(sql)
  return rows[0] ?? {}
}

const profiles = async () => (await rowOf('select count(*)::int as n from profiles'))['n'] ?? 0

it('S9, T3: 2,000 users, every tenth refused, are backfilled once each, though paused and killed midway', async () => {
  const repairing = sb.json('backfill', 'supabase', '--fix', '--yes', '--max-changes', String(USERS))
  const { workflow } = sb.world.temporal
  const run = await eventually('the backfill is listed', async () => {
    const query = `WorkflowType = 'backfill' AND TaskQueue = 'holdfast-supabase' AND ExecutionStatus = 'Running'`
    for await (const { workflowId } of workflow.list({ query })) return workflow.getHandle(workflowId)
    return null
  })
  const now = () => run.query<BackfillProgress>('progress')
  await eventually('some are repaired', async () => (await profiles()) > 0, PATIENCE_MS)
  const name = run.workflowId.split('/').at(-1) ?? ''
  expect(await sb.run('backfill', 'pause', name)).toMatchObject({ code: 0 })
  await eventually('the batch in progress is done', async () => {
    const { raw } = await run.describe()
    return (await now()).paused && (raw.pendingActivities ?? []).length === 0
  })
  const atRest = await profiles()
  expect(atRest).toBeLessThan(REPAIRABLE)
  expect(await now()).toMatchObject({ paused: true, phase: 'repairing', total: USERS })
  const created = await sb.users.signUp({ email: 'meanwhile@example.com' })
  await sb.run('signup', 'supabase', created)
  await eventually('the worker takes other work meanwhile', () => sb.hasProfile(created))
  expect(await profiles()).toBe(atRest + 1)

  expect(await sb.run('backfill', 'resume', name)).toMatchObject({ code: 0 })
  await eventually('it goes on', async () => (await profiles()) > atRest + 1, PATIENCE_MS)
  await worker.kill()
  worker = await sb.startWorker()

  const { code, document } = await repairing
  expect({ code, document }).toMatchObject({
    code: 1,
    document: {
      totalMissing: USERS,
      processed: USERS,
      successful: REPAIRABLE,
      failed: REFUSED,
      verified: REPAIRABLE,
    },
  })
  const failures = document['failures'] as { identity: string; problem: string; sentence: string }[]
  expect(failures).toHaveLength(50)
  for (const { problem, sentence } of failures) {
    expect(problem).toBe('profile-refused')
    expect(sentence).toContain('profiles_account_type_check')
  }
  // A repeated batch writes nothing twice: one event for each profile, and one for each refusal.
  expect(
    await rowOf(`
      select count(*)::int as events, count(distinct user_id)::int as people,
             count(*) filter (where event_type = 'profile_bootstrap_error')::int as refusals
        from user_events where user_id <> '${created}'`),
  ).toEqual({ events: USERS, people: USERS, refusals: REFUSED })
  expect(await profiles()).toBe(REPAIRABLE + 1)
})

it('the refused ones are backfilled once their values are corrected, and the audit passes', async () => {
  await sb.project
    .as('supabase_auth_admin')
    .query(`update auth.users set raw_user_meta_data = '{}' where raw_user_meta_data ? 'account_type'`)
  const { document } = await sb.json('backfill', 'supabase', '--fix', '--yes', '--max-changes', String(USERS))
  expect(document).toMatchObject({ successful: REFUSED, failed: 0, verified: REFUSED, failures: [] })
  expect((await sb.json('audit', 'supabase')).document).toMatchObject({ pass: true, findings: [] })
})
