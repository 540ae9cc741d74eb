import { z } from 'zod'
import { shellEnv } from '../../config.ts'
import {
  DEFAULT_PROFILE_COLUMNS,
  parseProfileColumns,
  type ProfileMapping,
} from '../../domain/supabase/profile-columns.ts'
import { read, type Env } from '../read.ts'
import { readAll, type Readers } from '../read-all.ts'
import { withSecretFiles } from '../secret-files.ts'
import { nameSecret, strongSecrets, type NamedSecret } from '../secrets.ts'
import { READERS, secretsOf, type Sections } from '../sections.ts'
import { minutes, postgresUrl, text } from '../values.ts'

/** A table of the application, with its schema. */
export interface TableName {
  readonly schema: string
  readonly table: string
}

/** The application's own tables, and how a profile is made from a user. */
export interface ProfileTables {
  readonly profiles: TableName
  /** Null where the project has no such table (`SUPABASE_EVENTS_TABLE=none`). */
  readonly events: TableName | null
  readonly mapping: ProfileMapping
}

/** The part that creates the profiles; `trigger` and `application` come first, and Holdfast second. */
export type ProfilesBy = 'trigger' | 'application' | 'holdfast'

/** The configuration of `supabase`: its own sections, and those that every system shares. */
export interface SupabaseSections extends Sections {
  readonly supabase: {
    /** The connection of worker, server and commands, with a role of Holdfast's own. */
    readonly url: string
    readonly profilesBy: ProfilesBy
    /** The time that trigger or application have, in milliseconds. */
    readonly graceMs: number
  } & ProfileTables
  readonly supabaseWebhook: {
    /** `SUPABASE_WEBHOOK_TOKEN`; none where no database webhook is used. */
    readonly tokens: readonly string[]
    /** `SUPABASE_HOOK_SECRET`, as Supabase shows them: `v1,whsec_…`; none where no auth hook is used. */
    readonly hookSecrets: readonly string[]
  }
  /** The connection that installs: used by `state apply` and `sql`, never by worker or server. Null where it is not set. */
  readonly supabaseAdmin: { readonly url: string | null }
  /** The folder with the project's migrations; null where it is not set. */
  readonly supabaseMigrations: string | null
}
export type SupabaseSection = keyof SupabaseSections

const profilesBy = z.enum(['trigger', 'application', 'holdfast'], {
  error: 'must be trigger, application or holdfast: the part that creates the profile of a new user',
})

const PART = /^[^."]+$/
const tableName = text.transform((value, context): TableName => {
  const parts = value.split('.')
  const [schema, table] = parts.length === 1 ? ['public', parts[0]] : parts
  if (parts.length <= 2 && schema !== undefined && table !== undefined)
    if (PART.test(schema) && PART.test(table)) return { schema, table }
  context.addIssue({ code: 'custom', message: 'must be a table, with its schema: public.profiles' })
  return z.NEVER
})

const mapping = text.transform((value, context): ProfileMapping => {
  const parsed = parseProfileColumns(value)
  if ('mapping' in parsed) return parsed.mapping
  context.addIssue({ code: 'custom', message: parsed.refused })
  return z.NEVER
})

const hookSecrets = text.transform((value, context): string[] => {
  const secrets = value.split('|').map((secret) => secret.trim())
  if (secrets.every((secret) => /^v1,whsec_[A-Za-z0-9+/]{24,}={0,2}$/.test(secret))) return secrets
  context.addIssue({
    code: 'custom',
    message: 'must be the secret that Supabase shows for the hook: v1,whsec_<base64>; several separated by |',
  })
  return z.NEVER
})

const SUPABASE_READERS: Readers<SupabaseSections> = {
  ...READERS,
  supabase: (env) => {
    const found = read(env, {
      SUPABASE_DB_URL: postgresUrl,
      SUPABASE_PROFILES_BY: profilesBy.default('trigger'),
      SUPABASE_GRACE_MINUTES: minutes.default(1),
      SUPABASE_PROFILES_TABLE: tableName.prefault('public.profiles'),
      SUPABASE_EVENTS_TABLE: z
        .union([z.literal('none').transform(() => null), tableName])
        .prefault('public.user_events'),
      SUPABASE_PROFILE_COLUMNS: mapping.prefault(DEFAULT_PROFILE_COLUMNS),
    })
    return {
      url: found.SUPABASE_DB_URL,
      profilesBy: found.SUPABASE_PROFILES_BY,
      graceMs: found.SUPABASE_GRACE_MINUTES * 60_000,
      profiles: found.SUPABASE_PROFILES_TABLE,
      events: found.SUPABASE_EVENTS_TABLE,
      mapping: found.SUPABASE_PROFILE_COLUMNS,
    }
  },
  supabaseWebhook: (env) => {
    const found = read(env, {
      SUPABASE_WEBHOOK_TOKEN: strongSecrets.optional(),
      SUPABASE_HOOK_SECRET: hookSecrets.optional(),
    })
    return { tokens: found.SUPABASE_WEBHOOK_TOKEN ?? [], hookSecrets: found.SUPABASE_HOOK_SECRET ?? [] }
  },
  supabaseAdmin: (env) => ({
    url: read(env, { SUPABASE_ADMIN_DB_URL: postgresUrl.optional() }).SUPABASE_ADMIN_DB_URL ?? null,
  }),
  supabaseMigrations: (env) =>
    read(env, { SUPABASE_MIGRATIONS: text.optional() }).SUPABASE_MIGRATIONS ?? null,
}

/** As `readSections`, with the sections of `supabase`: of an environment whose secret files are read. */
export function readSupabaseSections<S extends SupabaseSection>(
  sections: readonly S[],
  env: Env,
): Pick<SupabaseSections, S> {
  return readAll(SUPABASE_READERS, sections, env, supabaseSecretsOf)
}

/** As `loadConfig`, with the sections of `supabase`. */
export function loadSupabaseConfig<S extends SupabaseSection>(
  sections: readonly S[],
  env: Env = shellEnv(),
): Pick<SupabaseSections, S> {
  return readSupabaseSections(sections, withSecretFiles(env))
}

function supabaseSecretsOf({ supabaseWebhook, ...shared }: Partial<SupabaseSections>): NamedSecret[] {
  return [
    ...(supabaseWebhook?.tokens.map((token) => nameSecret('SUPABASE_WEBHOOK_TOKEN', token)) ?? []),
    ...(supabaseWebhook?.hookSecrets.map((secret) => nameSecret('SUPABASE_HOOK_SECRET', secret)) ?? []),
    ...secretsOf(shared),
  ]
}
