import { createSupabaseSetup, type SupabaseSetup } from '../../adapters/supabase/setup.ts'
import { loadConfig } from '../../config.ts'
import { loadSupabaseConfig } from '../../config/supabase/sections.ts'
import { lastCall } from '../../intake/supabase/last-calls.ts'
import { postgresOf } from '../../state/open.ts'
import { createTriggerInspections } from '../../state/postgres/supabase/trigger-inspections.ts'
import type { StateDb } from '../../state/postgres/tables.ts'
import type { Check, CheckResult } from '../check.ts'
import type { CheckContext } from '../context.ts'
import { checkAuditLog } from './audit-log.ts'
import { connectionKind } from './connection.ts'
import { checkColumns, checkRestAccess, checkRights, type TablesCheckDeps } from './tables.ts'
import { checkTrigger } from './trigger.ts'

/** The checks of the database of a Supabase project, beside those of Holdfast's own tables. */
export function supabaseDatabaseChecks(context: CheckContext): Check[] {
  const { env } = context
  const settings = () => loadSupabaseConfig(['supabase'], env).supabase
  const postgres = async () => postgresOf(await context.state())
  const database = async (): Promise<StateDb> => (await postgres()).db
  const setup = async (): Promise<SupabaseSetup> => createSupabaseSetup(await database())
  const onTables = (run: (deps: TablesCheckDeps) => Promise<CheckResult>) => async () =>
    run({ setup: await setup(), tables: settings(), writes: loadConfig(['mode'], env).mode !== 'observe' })
  return [
    {
      name: 'supabase-connection',
      run: async () => ({ facts: [connectionKind(await (await postgres()).pooling())] }),
    },
    { name: 'supabase-rights', run: onTables(checkRights) },
    { name: 'profile-columns', run: onTables(checkColumns) },
    { name: 'rest-access', run: onTables(checkRestAccess) },
    {
      name: 'supabase-events',
      async run() {
        const { cursors } = (await context.state()).state
        const [webhook, hook] = await Promise.all([lastCall(cursors, 'webhook'), lastCall(cursors, 'hook')])
        return {
          facts: [
            `last call of the database webhook: ${webhook ?? 'none'}`,
            `last signed call of an auth hook: ${hook ?? 'none'}; the settings of hooks are not in the database`,
          ],
        }
      },
    },
    { name: 'audit-log', run: async () => checkAuditLog(await setup()) },
    {
      name: 'trigger',
      async run() {
        const { profilesBy, ...tables } = settings()
        if (profilesBy !== 'trigger') return { skipped: `SUPABASE_PROFILES_BY is ${profilesBy}` }
        const db = await database()
        return checkTrigger({
          db,
          inspections: createTriggerInspections(db),
          migrations: loadSupabaseConfig(['supabaseMigrations'], env).supabaseMigrations,
          tables,
          system: 'supabase',
          now: new Date(),
        })
      },
    },
  ]
}
