import type { SupabaseSetup, TableRights } from '../../adapters/supabase/setup.ts'
import type { ProfileTables, TableName } from '../../config/supabase/sections.ts'
import type { CheckFinding } from '../../contracts/checks.ts'
import { checkFinding } from '../../domain/check-findings.ts'
import type { CheckResult } from '../check.ts'

const SYSTEM = 'supabase'
const EVENTS_OF = ['user_id', 'event_type']

export interface TablesCheckDeps {
  readonly setup: SupabaseSetup
  readonly tables: ProfileTables
  /** False in observe mode, in which select is enough. */
  readonly writes: boolean
}

/** The rights of our role on the views and tables, compared with those that sql/supabase/role.sql grants. */
export async function checkRights({ setup, tables, writes }: TablesCheckDeps): Promise<CheckResult> {
  const role = await setup.role()
  const of = [
    ...['auth_users', 'auth_audit'].map((table) => ({
      of: { schema: 'holdfast', table },
      needed: ['select'],
    })),
    ...applicationTables(tables).map((one) => ({
      of: one.of,
      needed: writes ? ['select', 'insert'] : ['select'],
    })),
  ]
  const found = await Promise.all(of.map(async (one) => ({ ...one, rights: await setup.rightsOn(one.of) })))
  const superfluous = found.flatMap(({ of: { schema, table }, needed, rights }) =>
    (rights?.held ?? [])
      .filter((right) => !needed.includes(right))
      .map((right) => `${right} on ${schema}.${table}`),
  )
  return {
    findings: found.flatMap((one) => missingOn(one, role.name)),
    notices:
      superfluous.length === 0
        ? []
        : [checkFinding(SYSTEM, 'postgres-privileges-superfluous', { rights: superfluous.join(', ') })],
    facts: [
      `connects as ${role.name}${role.bypassesRowSecurity ? ', which row-level security does not concern' : ''}`,
    ],
  }
}

function missingOn(
  { of, needed, rights }: { of: TableName; needed: readonly string[]; rights: TableRights | null },
  role: string,
): CheckFinding[] {
  const table = `${of.schema}.${of.table}`
  if (rights === null) return [] // the check of the tables themselves names what does not exist
  const without = needed.filter((right) => !rights.held.includes(right))
  const grants = without.length === 0 ? [] : [`grant ${without.join(', ')} on ${table} to ${role}`]
  const hidden = rights.rowSecurity ? needed.filter((right) => !rights.policies.includes(right)) : []
  const policies = hidden.map((right) =>
    right === 'select'
      ? `create policy holdfast_reads on ${table} for select to ${role} using (true)`
      : `create policy holdfast_inserts on ${table} for insert to ${role} with check (true)`,
  )
  const statements = [...grants, ...policies]
  if (statements.length === 0) return []
  const actions = [...without, ...(hidden.length > 0 ? [`a policy for ${hidden.join(' and ')}`] : [])]
  return [
    checkFinding(SYSTEM, 'postgres-privilege-missing', {
      table,
      actions: actions.join(', '),
      grant: `${statements.join('; ')}; or all at once: psql "$SUPABASE_ADMIN_DB_URL" -f sql/supabase/role.sql`,
    }),
  ]
}

/** Columns that the table requires and Holdfast has no value for. */
export async function checkColumns({ setup, tables }: TablesCheckDeps): Promise<CheckResult> {
  const filled = [tables.mapping.columns.map(({ column }) => column), EVENTS_OF]
  const found = await Promise.all(
    applicationTables(tables).map(async ({ of, isProfiles }) => {
      const columns = await setup.columns(of)
      const lacking = columns
        .filter(({ name, required }) => required && filled[isProfiles ? 0 : 1]?.includes(name) !== true)
        .map(({ name }) => name)
      if (lacking.length === 0) return []
      const variable = isProfiles ? { variable: 'SUPABASE_PROFILE_COLUMNS' } : {}
      const table = `${of.schema}.${of.table}`
      return [
        checkFinding(SYSTEM, 'profile-column-unmapped', { table, columns: lacking.join(', '), ...variable }),
      ]
    }),
  )
  return { findings: found.flat(), facts: [`mapped: ${filled[0]?.join(', ') ?? 'none'}`] }
}

/** The access of a request over the REST API to the rows of another person, tried and undone. */
export async function checkRestAccess({ setup, tables }: TablesCheckDeps): Promise<CheckResult> {
  const result: { findings: CheckFinding[]; notices: CheckFinding[]; facts: string[] } = {
    findings: [],
    notices: [],
    facts: [],
  }
  for (const { of, key } of applicationTables(tables)) {
    const table = `${of.schema}.${of.table}`
    const tried = await setup.restAccess(of, key)
    if (tried === null) result.facts.push(`${table} has rows of fewer than two people: not tried`)
    for (const { role, readsOwn, mayWithOther } of tried ?? []) {
      if (mayWithOther.length > 0)
        result.findings.push(
          checkFinding(SYSTEM, 'rest-access-open', { role, table, actions: mayWithOther.join(', ') }),
        )
      else result.facts.push(`${role}: no access to another person's rows of ${table}`)
      if (role === 'authenticated' && !readsOwn)
        result.notices.push(checkFinding(SYSTEM, 'own-rows-unreadable', { table, key }))
    }
  }
  return result
}

function applicationTables({ profiles, events, mapping }: ProfileTables) {
  return [
    { of: profiles, key: mapping.idColumn, isProfiles: true },
    ...(events === null ? [] : [{ of: events, key: 'user_id', isProfiles: false }]),
  ]
}
