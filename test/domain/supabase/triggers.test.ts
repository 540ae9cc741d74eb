import { expect, it } from 'vitest'
import { traceTrigger } from '../../../src/domain/supabase/trigger-migrations.ts'
import {
  compareInspections,
  restoreStatement,
  type AuthTrigger,
  type TriggerInspection,
} from '../../../src/domain/supabase/triggers.ts'

const created: AuthTrigger = {
  name: 'on_auth_user_created',
  calls: 'public.handle_new_user',
  events: ['INSERT'],
  enabled: true,
  definition:
    'CREATE TRIGGER on_auth_user_created AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION public.handle_new_user()',
  functionText: 'CREATE OR REPLACE FUNCTION public.handle_new_user() …',
  functionOwner: 'postgres',
  helpers: ['CREATE OR REPLACE FUNCTION public.ensure_profile_exists() …'],
}
const other: AuthTrigger = {
  ...created,
  name: 'zz',
  calls: 'public.count_user',
  functionText: 'CREATE OR REPLACE FUNCTION public.count_user() …',
}

/** One inspection an hour; each entry is what two inspections in a row found. */
function inspections(...found: (readonly AuthTrigger[])[]): TriggerInspection[] {
  const at = (hour: number): string => `2026-11-01T${String(hour).padStart(2, '0')}:00:00.000Z`
  return found.map((triggers, index) => ({ triggers, firstAt: at(index * 2), lastAt: at(index * 2 + 1) }))
}

it('S7: a trigger that is gone is named with its inspections, however long ago, until it is back', () => {
  const lost = inspections([created, other], [other], [])
  const { losses } = compareInspections(lost)
  expect(losses).toEqual([
    { kind: 'missing', trigger: created, between: { from: lost[0]?.lastAt, to: lost[1]?.firstAt } },
    { kind: 'missing', trigger: other, between: { from: lost[1]?.lastAt, to: lost[2]?.firstAt } },
  ])
  expect(compareInspections(inspections([created, other], [other], [], [created, other]))).toEqual({
    losses: [],
    changes: [],
  })
})

it('a trigger that is disabled is a loss, also where none ever saw it enabled', () => {
  const off = { ...created, enabled: false }
  const seen = inspections([created], [off])
  expect(compareInspections(seen).losses).toEqual([
    { kind: 'disabled', trigger: created, between: { from: seen[0]?.lastAt, to: seen[1]?.firstAt } },
  ])
  expect(compareInspections(inspections([off])).losses).toEqual([
    { kind: 'disabled', trigger: off, between: null },
  ])
})

it('a first inspection that finds none says that none was ever seen', () => {
  const never = [{ kind: 'never', trigger: null, between: null }]
  expect(compareInspections(inspections([])).losses).toEqual(never)
  // One that only a deletion fires creates no profile.
  expect(compareInspections(inspections([{ ...created, events: ['DELETE'] }])).losses).toEqual(never)
})

it('a changed function, condition or helper is a change, a new name is none', () => {
  for (const after of [
    { ...created, functionText: 'another' },
    { ...created, helpers: [] },
    { ...created, definition: created.definition.replace('FOR EACH', 'WHEN (true) FOR EACH') },
  ]) {
    const seen = inspections([created], [after])
    expect(compareInspections(seen)).toEqual({
      losses: [],
      changes: [{ before: created, after, between: { from: seen[0]?.lastAt, to: seen[1]?.firstAt } }],
    })
  }
  const renamed = {
    ...created,
    name: 'renamed',
    definition: created.definition.replace(created.name, '"renamed"'),
  }
  expect(compareInspections(inspections([created], [renamed]))).toEqual({ losses: [], changes: [] })
})

it('a function that is called in the place of another one is a change, at once or later', () => {
  expect(compareInspections(inspections([created], [other]))).toMatchObject({
    losses: [],
    changes: [{ before: created, after: other }],
  })
  const later = compareInspections(inspections([created], [], [other]))
  expect(later.losses).toEqual([])
  expect(later.changes).toMatchObject([
    { before: created, after: other, between: { from: '2026-11-01T01:00:00.000Z' } },
  ])
})

it('the statement restores helpers, function, owner and trigger, in one transaction', () => {
  expect(restoreStatement({ ...created, functionOwner: 'shop' })).toBe(
    [
      'begin;',
      `${created.helpers[0]};`,
      `${created.functionText};`,
      'alter function public.handle_new_user() owner to shop;',
      `CREATE OR REPLACE ${created.definition.slice('CREATE '.length)};`,
      'commit;',
    ].join('\n'),
  )
})

it('the migration that removed a trigger is the last one that mentions it', () => {
  const make = {
    name: '20250101_init.sql',
    text: 'create function public.handle_new_user() returns trigger …;\ncreate trigger on_auth_user_created after insert on auth.users …',
  }
  const trace = (...texts: string[]) =>
    traceTrigger(
      [...texts.map((text, index) => ({ name: `2026010${index + 1}_m.sql`, text })), make],
      created,
    )
  expect(trace()).toEqual({ kind: 'created', file: make.name })
  for (const removal of [
    'DROP TRIGGER IF EXISTS "on_auth_user_created" ON "auth"."users";',
    'drop function public.handle_new_user() cascade',
    'drop function if exists handle_new_user cascade',
    'alter table auth.users disable trigger all',
  ])
    expect(trace(removal, 'select 1'), removal).toEqual({ kind: 'removed', file: '20260101_m.sql' })
  expect(
    trace('drop trigger on_auth_user_created on auth.users; create trigger on_auth_user_created after …'),
  ).toEqual({
    kind: 'created',
    file: '20260101_m.sql',
  })
  expect(
    trace('-- drop trigger on_auth_user_created on auth.users\n/* drop function handle_new_user */'),
  ).toEqual({
    kind: 'created',
    file: make.name,
  })
  expect(traceTrigger([{ name: '1.sql', text: 'create table t ()' }], created)).toEqual({ kind: 'nowhere' })
})
