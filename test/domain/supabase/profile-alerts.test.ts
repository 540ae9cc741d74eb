import { expect, it } from 'vitest'
import { SUPABASE_ALERTS } from '../../../src/contracts/supabase/alerts.ts'
import { profileAlerts, type TracedLoss } from '../../../src/domain/supabase/profile-alerts.ts'
import { signupHealth } from '../../../src/domain/supabase/health.ts'

const now = new Date('2026-06-01T12:00:00Z')
const since = '2026-06-01T11:30:00.000Z'
const healthy = { signups: 40, missing: 0, missingLately: 0, since: null }
const trigger = {
  name: 'on_auth_user_created',
  calls: 'public.handle_new_user',
  events: ['INSERT'],
  enabled: true,
  definition: '',
  functionText: '',
  functionOwner: 'postgres',
  helpers: [],
}
const lost: TracedLoss = {
  kind: 'missing',
  trigger,
  between: { from: '2026-06-01T11:00:00.000Z', to: '2026-06-01T11:05:00.000Z' },
  migration: { kind: 'removed', file: '0042_squashed.sql' },
}

it('raises nothing while every user has a profile and the trigger is there', () => {
  expect(profileAlerts(healthy, null, now)).toEqual([])
})

it('tells new users without a profile from earlier ones of the day', () => {
  const lacking = { signups: 40, missing: 10, missingLately: 1, since }
  expect(profileAlerts(lacking, null, now)).toMatchObject([
    { name: 'profiles-missing', count: 10, since, detail: { percent: '75' } },
  ])
  expect(profileAlerts({ ...lacking, missingLately: 0 }, null, now)).toMatchObject([
    { name: 'signup-health' },
  ])
})

it('says in one alert that the trigger is lost, since when, by which migration, and how many it concerns (S7)', () => {
  const [alert] = profileAlerts({ signups: 40, missing: 10, missingLately: 1, since }, lost, now)
  expect(alert).toMatchObject({ name: 'trigger-missing', count: 10, since: '2026-06-01T11:05:00.000Z' })
  if (alert === undefined) return
  const { sentence } = SUPABASE_ALERTS['trigger-missing'].text(alert, 'supabase')
  expect(sentence).toBe(
    "The trigger on_auth_user_created on auth.users, which calls public.handle_new_user, is missing, since between 2026-06-01T11:00:00.000Z and 2026-06-01T11:05:00.000Z, by the migration 0042_squashed.sql. 10 people who signed up within a day have no profile; 75 % of the day's users have one.",
  )
})

it('raises the alert at the first inspection that finds no trigger, although nobody signed up (S7)', () => {
  const never: TracedLoss = { kind: 'never', trigger: null, between: null, migration: null }
  const [alert] = profileAlerts(healthy, never, now)
  expect(alert).toMatchObject({ name: 'trigger-missing', count: 0, since: now.toISOString() })
})

it('rounds the health down, so that 100 means all', () => {
  expect(signupHealth(10_000, 1)).toEqual({
    healthPercentage: 99.9,
    recentSignupsCount: 10_000,
    signupsMissingProfiles: 1,
  })
  expect(signupHealth(0, 0).healthPercentage).toBe(100)
})
