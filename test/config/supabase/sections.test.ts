import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../../src/config.ts'
import { readSupabaseSections, type SupabaseSection } from '../../../src/config/supabase/sections.ts'
import { knownSupabaseSettings } from '../../../src/config/supabase/settings.ts'

const SUPABASE_DB_URL = 'postgres://holdfast:pw@db.example.com:5432/postgres'
const hook = `v1,whsec_${'A'.repeat(32)}`

function findings(sections: readonly SupabaseSection[], env: Record<string, string>): readonly string[] {
  try {
    readSupabaseSections(sections, env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.findings
    throw error
  }
}

describe('the configuration of supabase', () => {
  it('needs the database alone', () => {
    expect(
      readSupabaseSections(['supabase', 'supabaseWebhook', 'supabaseAdmin'], { SUPABASE_DB_URL }),
    ).toMatchObject({
      supabase: {
        url: SUPABASE_DB_URL,
        profilesBy: 'trigger',
        graceMs: 60_000,
        profiles: { schema: 'public', table: 'profiles' },
        events: { schema: 'public', table: 'user_events' },
        mapping: { idColumn: 'id', emailColumn: 'email' },
      },
      supabaseWebhook: { tokens: [], hookSecrets: [] },
      supabaseAdmin: { url: null },
    })
    expect(findings(['supabase'], {})).toEqual([expect.stringMatching(/^SUPABASE_DB_URL is missing/)])
  })

  it('takes tables and columns of other names, and a project without events', () => {
    const { supabase } = readSupabaseSections(['supabase'], {
      SUPABASE_DB_URL,
      SUPABASE_PROFILES_TABLE: 'app.people',
      SUPABASE_EVENTS_TABLE: 'none',
      SUPABASE_PROFILE_COLUMNS: '{"user_id":"id"}',
      SUPABASE_GRACE_MINUTES: '0.5',
    })
    expect(supabase).toMatchObject({
      profiles: { schema: 'app', table: 'people' },
      events: null,
      mapping: { idColumn: 'user_id', emailColumn: null },
      graceMs: 30_000,
    })
  })

  it('names all that is malformed at once', () => {
    const wrong = findings(['supabase', 'supabaseWebhook'], {
      SUPABASE_DB_URL: 'https://x',
      SUPABASE_PROFILES_BY: 'nobody',
      SUPABASE_GRACE_MINUTES: '-1',
      SUPABASE_PROFILES_TABLE: 'a.b.c',
      SUPABASE_PROFILE_COLUMNS: '{}',
      SUPABASE_WEBHOOK_TOKEN: 'short',
      SUPABASE_HOOK_SECRET: 'whsec_abc',
    })
    for (const name of [
      'SUPABASE_DB_URL',
      'SUPABASE_PROFILES_BY',
      'SUPABASE_GRACE_MINUTES',
      'SUPABASE_PROFILES_TABLE',
      'SUPABASE_PROFILE_COLUMNS',
      'SUPABASE_WEBHOOK_TOKEN',
      'SUPABASE_HOOK_SECRET',
    ])
      expect(wrong.filter((finding) => finding.startsWith(`${name} must`))).not.toEqual([])
  })

  it('takes several hook secrets, as Supabase writes them while one replaces another', () => {
    const { supabaseWebhook } = readSupabaseSections(['supabaseWebhook'], {
      SUPABASE_HOOK_SECRET: `${hook}|v1,whsec_${'B'.repeat(32)}`,
      SUPABASE_WEBHOOK_TOKEN: 'b3f9a2c41d7e60853f1c',
    })
    expect(supabaseWebhook.hookSecrets).toHaveLength(2)
    expect(supabaseWebhook.tokens).toEqual(['b3f9a2c41d7e60853f1c'])
  })

  it('compares between workers and commands what changes a profile', () => {
    expect(knownSupabaseSettings({ SUPABASE_DB_URL })).toMatchObject({
      SUPABASE_PROFILES_BY: 'trigger',
      SUPABASE_GRACE_MINUTES: '1',
      SUPABASE_PROFILES_TABLE: 'public.profiles',
    })
    expect(knownSupabaseSettings({})).toEqual({})
  })
})
