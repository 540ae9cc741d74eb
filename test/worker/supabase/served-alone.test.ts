import { randomBytes } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { beforeAll, describe, expect, it } from 'vitest'
import type { WatchResult } from '../../../src/contracts/watch.ts'
import { eventually } from '../../support/eventually.ts'
import { openSupabaseWorld, type SupabaseWorld } from '../../support/supabase/world.ts'

const TOKEN = randomBytes(24).toString('hex')
const HOOK_KEY = randomBytes(32).toString('base64')
const HOUR_AGO = new Date(Date.now() - 3_000_000)

let sb: SupabaseWorld
beforeAll(async () => {
  sb = await openSupabaseWorld({
    SUPABASE_GRACE_MINUTES: '0.05',
    SUPABASE_WEBHOOK_TOKEN: TOKEN,
    SUPABASE_HOOK_SECRET: `v1,whsec_${HOOK_KEY}`,
  })
  await Promise.all([sb.startWorker(), sb.startServer()])
})

const watch = (): Promise<WatchResult> =>
  sb.world.temporal.workflow.execute('watch', {
    taskQueue: 'holdfast-supabase',
    workflowId: 'watch/supabase/test',
    workflowIdConflictPolicy: 'USE_EXISTING',
    args: [{ blockedMinutes: 0 }],
  })

const post = (body: unknown, headers: Record<string, string>) =>
  fetch(`${sb.env['HOLDFAST_URL']}/webhooks/supabase`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  })

const webhook = (type: string, id: string, token = TOKEN) => {
  const row = { id, created_at: new Date().toISOString() }
  const rows = type === 'DELETE' ? { record: null, old_record: row } : { record: row, old_record: null }
  return post({ type, table: 'users', schema: 'auth', ...rows }, { authorization: `Bearer ${token}` })
}

function hookCall(id: string) {
  const body = { metadata: { name: 'before-user-created', uuid: id }, user: { id } }
  const at = new Date()
  const signature = new Webhook(HOOK_KEY).sign(`msg-${id}`, at, JSON.stringify(body))
  const headers = {
    'webhook-id': `msg-${id}`,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': signature,
  }
  return { body, headers }
}

const signUp = (name: string, more: object = {}) =>
  sb.users.signUp({ email: `${name}@example.com`, createdAt: HOUR_AGO, ...more })

const NOBODY = '3f0c9b1e-5a64-4c1f-9d0e-2b7a6c1d8e90'

describe('Supabase, served alone: no MongoDB, no Auth0, no PDS', () => {
  it('starts no workflow for a user whose trigger worked', async () => {
    const id = await signUp('healthy')
    expect((await watch()).alerts).toEqual([])
    expect(await (await webhook('INSERT', id)).json()).toEqual({
      accepted: 0,
      duplicates: 0,
      ignored: 1,
      quarantined: 0,
    })
    const caughtUp = await sb.json('catch-up', 'supabase')
    expect(JSON.stringify(caughtUp.document)).toMatch(/"foundInLists":0/)
    expect((await sb.json('list', 'supabase')).document['signups']).toEqual([])
    const { code, document } = await sb.json('audit', 'supabase')
    expect({ code, document }).toMatchObject({
      code: 0,
      document: {
        pass: true,
        counts: { identities: 1, users: 1, profiles: 1, healthy: 1 },
        health: { healthPercentage: 100, recentSignupsCount: 1, signupsMissingProfiles: 0 },
      },
    })
    const health = await fetch(`http://127.0.0.1:${sb.env['OPERATOR_PORT']}/api/systems/supabase/health`, {
      headers: { authorization: `Bearer ${sb.env['HOLDFAST_OPERATOR_TOKEN']}` },
    })
    expect(await health.json()).toEqual({
      healthPercentage: 100,
      recentSignupsCount: 1,
      signupsMissingProfiles: 0,
      windowHours: 24,
    })
  })

  it('answers a hook whatever happens, and starts nothing for a user who does not exist (S2, S6)', async () => {
    const { body, headers } = hookCall(NOBODY)
    const calls = [
      post(body, headers),
      post(body, { ...headers, 'webhook-signature': 'v1,AAAA' }),
      post('no hook', {}),
      post({ padding: 'x'.repeat(300_000) }, headers),
    ]
    for (const answer of await Promise.all(calls)) {
      expect(answer.status).toBe(200)
      expect(await answer.json()).toEqual({})
    }
    expect((await webhook('INSERT', NOBODY, 'wrong')).status).toBe(401)
    await eventually('the wrong signature is an alert', async () => {
      const { document } = await sb.json('alerts', 'supabase')
      return JSON.stringify(document).includes('no valid signature')
    })
    expect((await sb.json('list', 'supabase')).document['signups']).toEqual([])
  })

  it('finds by catch-up a user whose trigger is lost, once the grace period is over (S1)', async () => {
    await sb.loseTrigger()
    const id = await sb.users.signUp({ email: 'late@example.com' })
    await eventually('catch-up finds them', async () => {
      const caughtUp = await sb.json('catch-up', 'supabase')
      return /"foundInLists":1/.test(JSON.stringify(caughtUp.document))
    })
    await eventually('the profile', () => sb.hasProfile(id))
    const status = await eventually('it is completed', async () => {
      const found = await sb.json('status', 'supabase', id)
      return found.document['stage'] === 'completed' ? found : null
    })
    expect(status.document).toMatchObject({
      system: 'supabase',
      tenant: '-',
      workflowId: `signup/supabase/-/${id}`,
    })
    expect(await sb.eventTypes(id)).toEqual(['profile_backfilled'])
    const { document: open } = await sb.json('alerts', 'supabase')
    expect(JSON.stringify(open)).toMatch(
      /The trigger on_auth_user_created on auth\.users, which calls public\.handle_new_user, is missing, since between /,
    )
  })

  it('audits, alerts, and repairs by batches: the refused row by name, the others verified (S1, S9)', async () => {
    const ids = await Promise.all(['one', 'two', 'three'].map((name) => signUp(name)))
    const bad = await signUp('bad', { metadata: { account_type: 'alien' } })
    await watch()
    const { document: open } = await sb.json('alerts', 'supabase')
    expect(open['alerts']).toContainEqual(
      expect.objectContaining({ name: 'trigger-missing', open: true, count: 4 }),
    )
    expect(JSON.stringify(open)).not.toContain('profiles-missing') // one alert says both

    const recent = await sb.json('audit', 'supabase', '--since', '10m')
    expect(recent.document['gaps']).toEqual({})
    const audit = await sb.json('audit', 'supabase')
    expect(audit).toMatchObject({
      code: 1,
      document: {
        gaps: { 'profile-missing': 4 },
        pass: false,
        checks: [
          { name: 'Auth users without profiles', pass: false, count: 4, details: '4 users missing profiles' },
          { name: 'Profiles without auth users', pass: true, count: 0, details: '0 profiles orphaned' },
          { name: 'Email consistency', pass: true, count: 0, details: '0 mismatched emails' },
        ],
        health: { signupsMissingProfiles: 4 },
      },
    })
    const { stdout: page } = await sb.run('audit', 'supabase')
    expect(page).toMatch(/Auth users without profiles +FAIL +4/)

    expect((await sb.json('backfill', 'supabase')).document).toMatchObject({ dryRun: true, totalMissing: 4 })
    expect(await sb.hasProfile(bad)).toBe(false)
    const fixed = await sb.json('backfill', 'supabase', '--fix', '--yes')
    expect(fixed.document).toMatchObject({
      successful: 3,
      failed: 1,
      verified: 3,
      failures: [{ identity: bad, problem: 'profile-refused' }],
    })
    for (const id of ids) {
      expect(await sb.hasProfile(id)).toBe(true)
      expect(await sb.eventTypes(id)).toEqual(['profile_backfilled'])
    }
    expect(await sb.eventTypes(bad)).toEqual(['profile_bootstrap_error'])
  })

  it('blocks the refused user’s own signup with the cause, which ends when it is corrected', async () => {
    const bad = await signUp('other-bad', { metadata: { account_type: 'alien' } })
    await sb.run('signup', 'supabase', bad)
    await eventually('it is blocked', async () => {
      const { document } = await sb.json('status', 'supabase', bad)
      return (document['problem'] as { name: string } | null)?.name === 'profile-refused'
    })
    const why = await sb.json('why', 'supabase', 'other-bad@example.com')
    expect(why.document).toMatchObject({ identity: bad, stage: 'creating-profile' })
    await sb.project
      .as('supabase_auth_admin')
      .query(
        `update auth.users set raw_user_meta_data = '{}' where raw_user_meta_data ->> 'account_type' = 'alien'`,
      )
    expect((await sb.run('retry', 'supabase', bad)).code).toBe(0)
    await eventually('the profile', () => sb.hasProfile(bad))
    const rest = await sb.json('backfill', 'supabase', '--fix', '--yes')
    expect(rest.document).toMatchObject({ successful: 1, failed: 0, verified: 1 })
    expect((await sb.json('audit', 'supabase')).document).toMatchObject({ pass: true, findings: [] })
    await sb.project.as('postgres').query(`
      create function public.handle_new_user() returns trigger language plpgsql as 'begin return new; end';
      create trigger on_auth_user_created after insert on auth.users
        for each row execute function public.handle_new_user()`)
    const { alerts } = await watch()
    expect(alerts).toMatchObject([{ name: 'trigger-missing', state: 'closed' }])
  })

  it('refuses an identity of another form, and a command that it does not have, by name', async () => {
    const other = await sb.run('status', 'supabase', 'auth0|6123abc')
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining(NOBODY) as string })
    for (const command of ['resend', 'verify', 'password', 'sync-handle']) {
      const { code, stderr } = await sb.run(command, 'supabase', NOBODY)
      expect({ command, code }).toEqual({ command, code: 2 })
      expect(stderr).toMatch(/supabase/)
    }
  })

  it('is checked and diagnosed as it is configured', async () => {
    const { document } = await sb.json('check', 'supabase')
    const checks = document['checks'] as { name: string; ok: boolean }[]
    expect(checks.find(({ name }) => name === 'profiles')).toMatchObject({ ok: true })
    const { document: report } = await sb.json('diagnose', 'supabase')
    expect(report['counts']).toMatchObject({
      users: expect.any(Number) as number,
      profiles: expect.any(Number) as number,
    })
  })

  it('exports a user, and keeps a deleted one from getting a profile by a late event (T7)', async () => {
    const id = await signUp('leaving')
    await sb.run('signup', 'supabase', id)
    await eventually('the profile', () => sb.hasProfile(id))
    const exported = await sb.json('export', 'supabase', id, '--reason', 'their request')
    expect(exported.document).toMatchObject({
      system: 'supabase',
      application: { profiles: [{ id }], user_events: [{ event_type: 'profile_backfilled' }] },
    })
    await sb.users.remove(id)
    await sb.project.as('postgres').query('delete from profiles where id = $1', [id])
    expect((await webhook('DELETE', id)).status).toBe(200)
    await eventually('the deletion is complete', async () => {
      const { document } = await sb.json('why', 'supabase', id)
      return JSON.stringify(document).includes('deleted')
    })
    await sb.run('signup', 'supabase', id)
    await eventually('it ends', async () => {
      const { document } = await sb.json('status', 'supabase', id)
      return document['stage'] === 'deleted'
    })
    expect(await sb.hasProfile(id)).toBe(false)
  })
})
