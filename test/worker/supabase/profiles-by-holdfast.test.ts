import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { findPgBouncer } from '../../../dev/servers/postgres/pgbouncer.ts'
import type { WatchResult } from '../../../src/contracts/watch.ts'
import { shellEnv } from '../../../src/config.ts'
import { eventually } from '../../support/eventually.ts'
import { openSupabaseWorld, type SupabaseWorld } from '../../support/supabase/world.ts'

const TOKEN = randomBytes(24).toString('hex')
const HOUR_AGO = new Date(Date.now() - 3_000_000)

const pgbouncer = await findPgBouncer()
if (pgbouncer === null && shellEnv()['CI'] === 'true') throw new Error('pgbouncer is not installed')
const way =
  pgbouncer === null ? 'directly (pgbouncer is not installed)' : 'through PgBouncer in transaction mode'

let sb: SupabaseWorld
beforeAll(async () => {
  sb = await openSupabaseWorld(
    { SUPABASE_PROFILES_BY: 'holdfast', SUPABASE_GRACE_MINUTES: '0.1', SUPABASE_WEBHOOK_TOKEN: TOKEN },
    { pgbouncer },
  )
  await sb.loseTrigger() // such a project has none
  await Promise.all([sb.startWorker(), sb.startServer()])
})

type Kind = 'INSERT' | 'UPDATE' | 'DELETE'

async function webhook(type: Kind, id: string, createdAt = new Date()): Promise<unknown> {
  const row = { id, created_at: createdAt.toISOString() }
  const rows = type === 'DELETE' ? { record: null, old_record: row } : { record: row, old_record: null }
  const answer = await fetch(`${sb.env['HOLDFAST_URL']}/webhooks/supabase`, {
    method: 'POST',
    body: JSON.stringify({ type, table: 'users', schema: 'auth', ...rows }),
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
  })
  expect(answer.status).toBe(200)
  return answer.json()
}

const stageOf = async (id: string): Promise<unknown> =>
  (await sb.json('status', 'supabase', id)).document['stage']

const reaches = (id: string, stage: string) =>
  eventually(`the stage ${stage}`, async () => (await stageOf(id)) === stage)

const runOf = async (id: string): Promise<string> =>
  (await sb.world.temporal.workflow.getHandle(`signup/supabase/-/${id}`).describe()).runId

/** As an application writes them once its own part of the signup is done. */
const addMetadata = (id: string, metadata: object) =>
  sb.project
    .as('supabase_auth_admin')
    .query(`update auth.users set raw_app_meta_data = raw_app_meta_data || $2 where id = $1`, [id, metadata])

const profileOf = async (id: string) => (await sb.supabase.calls.profile(id))?.row

const watch = (): Promise<WatchResult> =>
  sb.world.temporal.workflow.execute('watch', {
    taskQueue: 'holdfast-supabase',
    workflowId: 'watch/supabase/test',
    args: [{ blockedMinutes: 0 }],
  })

describe(`Supabase, whose profiles Holdfast creates, ${way}`, () => {
  it('gives a user whose metadata is there their profile at once, with both events', async () => {
    const id = await sb.users.signUp({ email: 'Ada@example.com', metadata: { account_type: 'business' } })
    expect(await webhook('INSERT', id)).toMatchObject({ accepted: 1 })
    await reaches(id, 'completed')
    expect(await profileOf(id)).toMatchObject({ email: 'ada@example.com', account_type: 'business' })
    expect((await sb.eventTypes(id)).toSorted()).toEqual(['auth_user_created', 'profile_bootstrap_ok'])
  })

  it('reads late metadata again until it is there, and then creates the profile with it', async () => {
    // A user of the next minute, so that the time for metadata does not end here.
    const createdAt = new Date(Date.now() + 60_000)
    const id = await sb.users.signUp({ email: 'late@example.com', createdAt })
    await webhook('INSERT', id, createdAt)
    const handle = sb.world.temporal.workflow.getHandle(`signup/supabase/-/${id}`)
    await eventually('it has looked and found them missing', async () =>
      ((await handle.fetchHistory()).events ?? []).some((event) => event.timerFiredEventAttributes),
    )
    expect(await sb.hasProfile(id)).toBe(false)
    await addMetadata(id, { account_type: 'business' })
    await eventually('the profile', () => sb.hasProfile(id))
    expect(await profileOf(id)).toMatchObject({ account_type: 'business' })
  })

  it('creates it without them once half the grace period is over', async () => {
    const id = await sb.users.signUp({ email: 'none@example.com' })
    await webhook('INSERT', id)
    await eventually('the profile', () => sb.hasProfile(id))
    expect(await profileOf(id)).toMatchObject({ account_type: 'personal' })
  })

  it('starts nothing for an anonymous user, until an update says that they were converted', async () => {
    const id = await sb.users.signUpAnonymously({ createdAt: HOUR_AGO })
    expect(await webhook('UPDATE', id, HOUR_AGO)).toMatchObject({ accepted: 1 })
    expect((await sb.json('status', 'supabase', id)).code).toBe(1)
    await sb.users.convert(id, 'Converted@example.com')
    await webhook('UPDATE', id, HOUR_AGO)
    await eventually('the profile', () => sb.hasProfile(id))
    expect(await profileOf(id)).toMatchObject({ email: 'converted@example.com' })
  })

  it('finds by catch-up a user whose webhook was lost, which is no alert', async () => {
    const id = await sb.users.signUp({ email: 'lost-webhook@example.com' })
    await eventually('catch-up finds them', async () => {
      await sb.json('catch-up', 'supabase')
      return sb.hasProfile(id)
    })
    expect((await sb.json('alerts', 'supabase')).document['alerts']).toEqual([])
    expect((await watch()).alerts).toEqual([])
  })

  it('does nothing twice for a webhook that is replayed, or comes an hour late', async () => {
    const id = await sb.users.signUp({
      email: 'replayed@example.com',
      metadata: { account_type: 'business' },
      createdAt: HOUR_AGO,
    })
    await webhook('INSERT', id, HOUR_AGO)
    await reaches(id, 'completed')
    const [profile, events] = [await profileOf(id), await sb.eventTypes(id)]
    const first = await runOf(id)
    await addMetadata(id, { account_type: 'personal' })
    await webhook('INSERT', id, HOUR_AGO)
    await eventually('the replayed one has ended', async () =>
      (await runOf(id)) !== first ? (await stageOf(id)) === 'completed' : false,
    )
    const last = await runOf(id)
    await webhook('UPDATE', id, HOUR_AGO) // whose user is complete
    expect(await profileOf(id)).toEqual(profile)
    expect(await sb.eventTypes(id)).toEqual(events)
    expect(await runOf(id)).toBe(last)
  })

  it('creates no profile for a webhook that arrives after the deletion, and believes none of a user who is there', async () => {
    const leaving = await sb.users.signUp({ email: 'leaving@example.com', createdAt: HOUR_AGO })
    await webhook('INSERT', leaving, HOUR_AGO)
    await reaches(leaving, 'completed')
    await sb.users.remove(leaving)
    await sb.project.as('postgres').query('delete from profiles where id = $1', [leaving])
    await webhook('DELETE', leaving, HOUR_AGO)
    await eventually('the deletion is complete', async () =>
      JSON.stringify((await sb.json('why', 'supabase', leaving)).document).includes('deleted'),
    )
    // From a restored backup the user is there again, as they were; the first webhook comes after the deletion.
    await sb.users.signUp({ id: leaving, email: 'leaving@example.com', createdAt: HOUR_AGO })
    await webhook('INSERT', leaving, HOUR_AGO)
    await reaches(leaving, 'deleted')
    expect(await sb.hasProfile(leaving)).toBe(false)
    await sb.users.remove(leaving)

    const staying = await sb.users.signUp({ email: 'staying@example.com', createdAt: HOUR_AGO })
    await webhook('INSERT', staying, HOUR_AGO)
    await reaches(staying, 'completed')
    await webhook('DELETE', staying, HOUR_AGO)
    const again = await sb.json('delete', 'supabase', staying, '--yes')
    expect(again.document['outcome']).not.toBe('deleted')
    expect(await sb.hasProfile(staying)).toBe(true)
  })

  it('is audited, repaired, checked and explained that way too (T8)', async () => {
    await sb.users.signUpMany(120, { prefix: 'old', createdAt: HOUR_AGO })
    const { code, document } = await sb.json('audit', 'supabase')
    expect({ code, document }).toMatchObject({ code: 1, document: { gaps: { 'profile-missing': 120 } } })
    const fixed = await sb.json('backfill', 'supabase', '--fix', '--yes', '--max-changes', '200')
    expect(fixed.document).toMatchObject({ successful: 120, failed: 0, verified: 120 })
    expect((await sb.json('audit', 'supabase')).document).toMatchObject({ pass: true, findings: [] })
    const why = await sb.json('why', 'supabase', 'old-7@example.com')
    expect(why.document).toMatchObject({ stage: 'completed' })
    const { checks } = (await sb.json('check', 'supabase')).document as {
      checks: { name: string; ok: boolean; facts?: string[] }[]
    }
    const connection = checks.find(({ name }) => name === 'supabase-connection')
    if (pgbouncer !== null) expect(JSON.stringify(connection)).toContain('transaction pooler')
    expect(
      checks.filter(({ name, ok }) => /^(?:profiles|profile-columns|supabase-rights)$/.test(name) && !ok),
    ).toEqual([])
  })
})
