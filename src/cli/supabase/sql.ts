import { Argument, Command } from 'commander'
import { connectPostgres, type PostgresDatabase } from '../../adapters/postgres/lib/connect.ts'
import {
  installPack,
  packMigrations,
  PackRefusedError,
  removePack,
  type PackPart,
} from '../../adapters/supabase/sql-pack.ts'
import { readSupabaseSections, type ProfileTables } from '../../config/supabase/sections.ts'
import { PACK_VERSION } from '../../domain/supabase/sql-pack.ts'
import { UsageError } from '../../errors.ts'
import { createActionLog } from '../../state/postgres/actions.ts'
import { APPLY_MS, assertStateVersion, filesFor } from '../../state/postgres/migrate.ts'
import type { StateTables } from '../../state/postgres/tables.ts'
import type { CommandHelp } from '../../systems/command-part.ts'
import {
  runOwn,
  systemArgument,
  withExamples,
  type CommandResult,
  type CommonOptions,
} from '../lib/command.ts'
import type { CommandContext } from '../lib/context.ts'
import { writeMigrations } from './write-migrations.ts'

const TRIGGER = 'on_auth_user_created'

type Action = 'install' | 'remove' | 'write-migrations'

interface SqlOptions extends CommonOptions {
  readonly diagnostics?: boolean
  readonly all?: boolean
}

export function sqlCommand(help: CommandHelp): Command {
  return withExamples(
    new Command('sql')
      .description(
        'install: create functions and views for people who work in the SQL editor, and a trigger on auth.users; what they replace is kept. remove: drop the views and the functions that diagnose and backfill; what a signup needs stays. write-migrations: write the same as two migrations to a folder. As the role of SUPABASE_ADMIN_DB_URL; needs no Temporal. Safe to repeat.',
      )
      .addArgument(systemArgument(help))
      .addArgument(new Argument('<action>', 'the action').choices(['install', 'remove', 'write-migrations']))
      .argument('[folder]', 'write-migrations: the folder, such as supabase/migrations'),
    [
      `sql ${help.system} install`,
      `sql ${help.system} remove --diagnostics`,
      `sql ${help.system} remove --all`,
      `sql ${help.system} write-migrations supabase/migrations`,
    ],
  )
    .option('--diagnostics', 'remove: only the views and functions that diagnose')
    .option('--all', 'remove: everything, and restore the trigger and functions of before')
    .action((system: string, action: Action, folder: string | undefined, options: SqlOptions) =>
      runOwn(help, 'sql', system, options, (context) => run(context, action, folder, options)),
    )
}

async function run(
  context: CommandContext,
  action: Action,
  folder: string | undefined,
  { diagnostics = false, all = false }: SqlOptions,
): Promise<CommandResult> {
  if (action !== 'remove' && (diagnostics || all))
    throw new UsageError('--diagnostics and --all are options of sql remove.')
  if (diagnostics && all) throw new UsageError('Give either --diagnostics or --all.')
  if (action !== 'write-migrations' && folder !== undefined)
    throw new UsageError('Only write-migrations takes a folder.')
  if (action === 'write-migrations' && folder === undefined)
    throw new UsageError('write-migrations needs the folder of the migrations, such as supabase/migrations.')
  const settings = context.served.state.readForApply(context.env)
  if (settings.kind !== 'postgres') throw new Error('the state of this system is in Postgres')
  const database = connectPostgres<StateTables>({ url: settings.url })
  try {
    if (folder !== undefined) return await migrations(database, tablesOf(context, settings.url), folder)
    if (action === 'install') return await install(context, database, tablesOf(context, settings.url))
    return await remove(context, database, { diagnostics, all })
  } catch (error) {
    if (error instanceof PackRefusedError) throw new UsageError(error.message, { cause: error })
    throw error
  } finally {
    await database.close()
  }
}

type Database = PostgresDatabase<StateTables>

/** The names of the tables alone: the connection of worker and commands is not used. */
function tablesOf({ env }: CommandContext, url: string): ProfileTables {
  return readSupabaseSections(['supabase'], { ...env, SUPABASE_DB_URL: url }).supabase
}

async function migrations(
  { within }: Database,
  tables: ProfileTables,
  folder: string,
): Promise<CommandResult> {
  const files = await writeMigrations(folder, await packMigrations(within(APPLY_MS), tables), new Date())
  return {
    document: { version: PACK_VERSION, files },
    text: files
      .map(({ path, written }) => (written ? `${path} written` : `${path} has this version already`))
      .join('\n'),
  }
}

async function install(
  context: CommandContext,
  database: Database,
  tables: ProfileTables,
): Promise<CommandResult> {
  const objects = await recorded(context, database, 'sql install', `version ${PACK_VERSION}`, () =>
    installPack(database.within(APPLY_MS), tables),
  )
  const kept = objects.filter(({ replaced }) => replaced).map(({ name }) => name)
  return {
    document: { system: context.system, version: PACK_VERSION, objects },
    text: [
      `Version ${PACK_VERSION} is installed: ${objects.length} objects.`,
      ...(kept.length === 0
        ? []
        : [`Replaced, and kept for \`holdfast sql ${context.system} remove --all\`: ${kept.join(', ')}`]),
    ].join('\n'),
  }
}

async function remove(
  context: CommandContext,
  database: Database,
  { diagnostics, all }: { readonly diagnostics: boolean; readonly all: boolean },
): Promise<CommandResult> {
  const parts: PackPart[] = diagnostics
    ? ['diagnostics']
    : ['diagnostics', 'backfill', ...(all ? (['signup'] as const) : [])]
  const scope = diagnostics ? 'diagnostics' : all ? 'everything' : 'diagnostics and backfill'
  const removal = await recorded(context, database, 'sql remove', scope, () =>
    removePack(database.within(APPLY_MS), parts),
  )
  const { removed, restored, left } = removal ?? { removed: [], restored: [], left: [] }
  return {
    document: { system: context.system, removed, restored, left },
    text: [
      removed.length === 0 ? 'Nothing of these is installed.' : `Removed: ${removed.join(', ')}`,
      ...(left.length === 0
        ? []
        : [`Changed since they were installed, and left as they are: ${left.join(', ')}`]),
      ...(restored.length === 0 ? [] : [`Restored, as before the pack: ${restored.join(', ')}`]),
      ...(removed.includes(TRIGGER) && !restored.includes(TRIGGER)
        ? [`There was no trigger ${TRIGGER} before, so now no trigger of this name creates profiles.`]
        : []),
    ].join('\n'),
  }
}

/** Recorded by the role that installs, in the tables of this version, which it needs first. */
async function recorded<T>(
  context: CommandContext,
  { db }: Database,
  name: string,
  scope: string,
  work: () => Promise<T>,
): Promise<T> {
  context.assertWrites()
  context.acting.assertAllowed('change', 'admin')
  await assertStateVersion(db, context.system, filesFor({ ownSql: 'supabase' }))
  const actions = createActionLog(db)
  const by = context.acting.caller()
  const id = await actions.begin({
    system: context.system,
    name,
    kind: 'change',
    subjects: [],
    scope,
    reason: null,
    by,
  })
  const ended = (outcome: 'succeeded' | 'failed', error: string | null): Promise<void> =>
    actions.end(id, { outcome, keyIds: [], count: 0, error })
  let result: T
  try {
    result = await work()
  } catch (error) {
    await ended('failed', error instanceof Error ? error.name : 'unknown')
    throw error
  }
  await ended('succeeded', null)
  return result
}
