import { beforeAll, describe, expect, it } from 'vitest'
import type { WatchResult } from '../../../src/contracts/watch.ts'
import { openSupabaseWorld, type SupabaseWorld } from '../../support/supabase/world.ts'

const HOUR_AGO = new Date(Date.now() - 3_000_000)

let sb: SupabaseWorld
beforeAll(async () => {
  sb = await openSupabaseWorld({ SUPABASE_PROFILES_BY: 'application' })
  await sb.loseTrigger() // such a project has none
  await sb.startWorker()
})

const owner = () => sb.project.as('postgres')

const watch = (): Promise<WatchResult> =>
  sb.world.temporal.workflow.execute('watch', {
    taskQueue: 'holdfast-supabase',
    workflowId: 'watch/supabase/test',
    args: [{ blockedMinutes: 0 }],
  })

const fix = (...more: string[]) => sb.json('backfill', 'supabase', '--fix', '--yes', ...more)

async function eventCounts(): Promise<Record<string, number>> {
  const { rows } = await owner().query<{ type: string; n: number }>(
    'select event_type as type, count(*)::int as n from user_events group by event_type',
  )
  return Object.fromEntries(rows.map(({ type, n }) => [type, n]))
}

describe('Supabase, whose profiles the application creates', () => {
  it('starts no workflow where it did, and misses no trigger', async () => {
    const id = await sb.users.signUp({ email: 'healthy@example.com', createdAt: HOUR_AGO })
    await owner().query('insert into profiles (id, email) values ($1, $2)', [id, 'healthy@example.com'])
    expect((await watch()).alerts).toEqual([])
    expect((await sb.json('catch-up', 'supabase')).code).toBe(0)
    expect((await sb.json('list', 'supabase')).document['signups']).toEqual([])
    expect((await sb.json('audit', 'supabase')).document).toMatchObject({ pass: true })
    const { document } = await sb.json('check', 'supabase')
    expect(document['checks']).toContainEqual(
      expect.objectContaining({ name: 'trigger', skipped: 'SUPABASE_PROFILES_BY is application' }),
    )
    expect(JSON.stringify(document['findings'])).not.toContain('trigger-')
  })

  it('raises profiles-missing where it did not', async () => {
    await sb.users.signUpMany(30, { prefix: 'lacking', createdAt: HOUR_AGO })
    expect((await watch()).alerts).toMatchObject([{ name: 'profiles-missing' }])
  })

  it('names a required column that is not in the mapping, in check and for each user, until it has a value', async () => {
    await owner().query(`alter table profiles add column region text; update profiles set region = 'eu'`)
    await owner().query('alter table profiles alter column region set not null')
    const { document } = await sb.json('check', 'supabase')
    expect(document['findings']).toContainEqual(
      expect.objectContaining({
        name: 'profile-column-unmapped',
        sentence: expect.stringContaining('region') as string,
        fix: expect.stringContaining('SUPABASE_PROFILE_COLUMNS') as string,
      }),
    )
    const refused = await fix()
    expect(refused).toMatchObject({ code: 1, document: { successful: 0, failed: 30 } })
    for (const failure of refused.document['failures'] as object[])
      expect(failure).toMatchObject({
        problem: 'profile-column-required',
        sentence: 'The profile needs a value in the column region, and this user has none for it.',
      })
    expect(await eventCounts()).toEqual({ profile_bootstrap_error: 30 })
    await fix() // the same reason is recorded once
    expect(await eventCounts()).toEqual({ profile_bootstrap_error: 30 })
    await owner().query(`alter table profiles alter column region set default 'eu'`)
    expect((await sb.json('check', 'supabase')).document['findings']).not.toContainEqual(
      expect.objectContaining({ name: 'profile-column-unmapped' }),
    )
  })

  it('is backfilled by two at once with one profile and one event each', async () => {
    await sb.users.signUpMany(60, { prefix: 'both', createdAt: HOUR_AGO })
    const both = await Promise.all([fix(), fix()])
    for (const { code, document } of both)
      expect({ code, document }).toMatchObject({ code: 0, document: { failed: 0, failures: [] } })
    const verified = both.map(({ document }) => Number(document['verified']))
    expect(Math.max(...verified)).toBe(90)
    const { rows } = await owner().query('select count(*)::int as profiles from profiles')
    expect(rows).toEqual([{ profiles: 91 }])
    expect(await eventCounts()).toEqual({ profile_bootstrap_error: 30, profile_backfilled: 90 })
    expect((await sb.json('audit', 'supabase')).document).toMatchObject({ pass: true, findings: [] })
    const { alerts } = await watch()
    expect(alerts).toMatchObject([{ name: 'profiles-missing', state: 'closed' }])
  })
})
