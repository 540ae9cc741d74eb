import type { CheckContext, CheckWord } from '../words.ts'

/** Between which two inspections, and by which migration, as far as it is known. */
function when({ from, to, migration, untraced }: CheckContext): string {
  const between =
    from === undefined || to === undefined ? '' : ` between the inspections of ${from} and ${to}`
  if (migration !== undefined) return `${between}, by the migration ${migration}`
  return untraced === undefined ? between : `${between}; ${untraced}`
}

const RESTORE =
  'Run the statement below as postgres, in psql or in the SQL editor: it restores exactly what was there. Then create the profiles that are missing: holdfast backfill supabase --fix'

/** Findings of `check` about Supabase Auth, the application's tables and the trigger between them. */
export const SUPABASE_CHECKS = {
  'trigger-missing': {
    sentence: (detail) =>
      detail['trigger'] === undefined
        ? 'auth.users has no trigger that could create a profile, and no inspection has ever seen one: new users get no profile.'
        : `The trigger ${detail['trigger']} on auth.users, which called ${detail['calls'] ?? 'a function'}, was lost${when(detail)}: new users get no profile.`,
    fix: ({ trigger }) =>
      trigger === undefined
        ? "Restore yours from your migrations, or run the statement below as postgres, which creates Holdfast's. Where the application creates the profiles, set SUPABASE_PROFILES_BY=application."
        : RESTORE,
  },
  'trigger-disabled': {
    sentence: (detail) =>
      `The trigger ${detail['trigger'] ?? 'on auth.users'}, which calls ${detail['calls'] ?? 'a function'}, is disabled${detail['from'] === undefined ? '' : `: it was enabled until an inspection${when(detail)}`}. New users get no profile.`,
    fix: () => RESTORE,
  },
  'trigger-changed': {
    sentence: (detail) =>
      detail['now'] === undefined
        ? `The trigger ${detail['trigger'] ?? 'on auth.users'}, or a function that it calls, was changed${when(detail)}.`
        : `The trigger on auth.users calls ${detail['now']} in place of ${detail['calls'] ?? 'another function'}, changed${when(detail)}.`,
    fix: () =>
      'If this was intended, nothing is to be done. If not, the statement below restores what was there: run it as postgres.',
  },
  'migrations-unreadable': {
    sentence: ({ answer }) =>
      `The folder of SUPABASE_MIGRATIONS cannot be read (${answer ?? 'no such folder'}).`,
    fix: () => "Set SUPABASE_MIGRATIONS to the folder with the project's migrations, or unset it.",
  },
  'rest-access-open': {
    sentence: ({ role, table, actions }) =>
      `Over the REST API, ${role ?? 'anyone'} may ${actions ?? 'access'} another person's rows of ${table ?? 'a table'}.`,
    fix: ({ table }) =>
      `Enable row-level security, and limit its policies to the person's own rows: alter table ${table ?? '<table>'} enable row level security; to see the policies: select * from pg_policies where schemaname || '.' || tablename = '${table ?? '<table>'}'`,
  },
  'own-rows-unreadable': {
    sentence: ({ table }) =>
      `A signed-in person cannot read their own row of ${table ?? 'a table'} over the REST API.`,
    fix: ({ table, key }) =>
      `If the application reads its rows over the REST API: create policy "own rows" on ${table ?? '<table>'} for select to authenticated using ((select auth.uid()) = ${key ?? 'id'})`,
  },
  'profile-column-unmapped': {
    sentence: ({ table, columns }) =>
      `${table ?? 'A table'} requires a value for ${columns ?? 'a column'}, and Holdfast has none: its inserts fail.`,
    fix: ({ variable }) =>
      variable === undefined
        ? 'Give the column a default, or make it optional.'
        : `Add the column to ${variable}, give it a default in the table, or make it optional.`,
  },
  'audit-log-empty': {
    sentence: () =>
      'auth.audit_log_entries has no entry of the last 30 days: it is switched off, pruned, or nobody signed in. Audits miss its evidence; their verdicts do not depend on it.',
    fix: () =>
      'To keep entries, unset GOTRUE_AUDIT_LOG_DISABLE_POSTGRES (self-hosted), or enable them under Authentication, Audit Logs.',
  },
  'audit-log-unindexed': {
    sentence: ({ entries }) =>
      `auth.audit_log_entries has about ${entries ?? 'many'} entries and no index on created_at, so reading a user's entries takes long.`,
    fix: ({ statement }) =>
      `In psql, as the owner of the table: ${statement ?? 'create an index on created_at'}`,
  },
} as const satisfies Readonly<Record<string, CheckWord>>
