import { sql, type RawBuilder } from 'kysely'
import type { PostgresDatabase } from '../../../adapters/postgres/lib/connect.ts'
import { callPostgres } from '../../../adapters/postgres/lib/errors.ts'
import { tableOf, type ApplicationTables } from '../../../adapters/supabase/catalog.ts'
import { EMAIL_OF_USER, OWES_PROFILE } from '../../../adapters/supabase/profile-values.ts'
import { createTables } from '../../../adapters/supabase/tables.ts'
import { isoOf } from '../../../adapters/supabase/users.ts'
import type { ProfileTables } from '../../../config/supabase/sections.ts'
import type { AuditScope } from '../../../contracts/audit.ts'

/** The limit of the statement, and of the wait for it. */
const LIMIT_MS = 9 * 60_000
const KEEP = sql`now() + interval '30 days'`

/** The figures of a scan. Those of the scope say so; all others are of the whole tables. */
export interface ProfileScan {
  readonly users: number
  readonly profiles: number
  /** Anonymous and soft-deleted users. */
  readonly notDue: number
  /** Older than the grace period. */
  readonly usersWithoutProfile: number
  readonly profilesWithoutUser: number
  readonly emailMismatches: number
  /** Users whom the audit log of Supabase Auth saw sign up: each is in one of the next three. */
  readonly auditSignups: number
  readonly healthy: number
  readonly authOnly: number
  readonly auditOnly: number
  /** Of `auditOnly`, those with an entry of their deletion. */
  readonly auditDeleted: number
  /** Of the scope: who owes a profile and was judged, and who has one. */
  readonly due: number
  readonly have: number
  readonly young: number
  readonly inProgress: number
  readonly ignored: number
  /** The last day's users who owe a profile and are older than the grace period. */
  readonly recentSignups: number
  readonly recentMissing: number
}

export interface ProfileScanRequest {
  readonly auditId: string
  readonly scope: AuditScope
  readonly scheduled: boolean
  readonly graceMs: number
}

/**
 * Judges every user, profile and audit entry in one statement, so in one snapshot, and stores findings, and rows of a
 * small scope, by `insert … select`. Memory here does not grow with the tables. Safe to repeat: the findings of an
 * earlier attempt are replaced.
 */
export function createProfileScan(
  database: PostgresDatabase<ApplicationTables>,
  tables: ProfileTables,
): (request: ProfileScanRequest) => Promise<ProfileScan> {
  return (request) =>
    callPostgres('holdfast.audit_findings', 'insert', () =>
      database
        .within(LIMIT_MS)
        .transaction()
        .execute(async (db) => {
          await sql`select set_config('statement_timeout', ${String(LIMIT_MS)}, true)`.execute(db)
          // a catalog of this transaction: the policies are those under which the statement runs
          const { ofUser } = await createTables(db, tables).load()
          const of = sql`system = 'supabase' and audit = ${request.auditId}`
          await sql`delete from holdfast.audit_findings where ${of}`.execute(db)
          await sql`delete from holdfast.audit_people where ${of}`.execute(db)
          const { rows } = await statement(tables, ofUser, request).execute(db)
          const [scan] = rows
          if (scan === undefined) throw new Error('an aggregate returned no row')
          return scan
        }),
    )
}

function statement(
  tables: ProfileTables,
  ofUser: RawBuilder<unknown>,
  { auditId, scope, scheduled, graceMs }: ProfileScanRequest,
): RawBuilder<ProfileScan> {
  const { mapping } = tables
  const grace = sql`${graceMs}::float8 * interval '1 millisecond'`
  const isSmall = scope.id !== null || scope.last !== null || scope.since !== null
  const profileEmail =
    mapping.emailColumn === null
      ? sql`null::text`
      : sql`lower(nullif(trim(${sql.id('p', mapping.emailColumn)}::text), ''))`
  const differs =
    mapping.emailColumn === null
      ? sql`null::text`
      : sql`case when u.due and has_profile and u.email is distinct from profile_email and u.email is not null
              then case when profile_email is null then 'absent' else 'differs' end end`
  const inScope =
    scope.id !== null
      ? sql`id = ${scope.id}`
      : scope.last !== null
        ? sql`id in (select u.id::text from holdfast.auth_users u order by u.created_at desc nulls last, u.id limit ${scope.last})`
        : scope.since !== null
          ? sql`created_at >= ${scope.since}::timestamptz`
          : sql`true`
  const evidence = (name: string, value: RawBuilder<unknown>) =>
    sql`jsonb_build_object(${name}::text, ${value})`

  return sql<ProfileScan>`
    with u as materialized (
      select u.id, u.created_at, u.deleted_at, ${OWES_PROFILE} as due, ${EMAIL_OF_USER} as email,
             case when u.deleted_at is not null then 'soft-deleted' when u.is_anonymous then 'anonymous'
                  when u.banned_until > now() then 'banned' when u.is_sso_user then 'sso'
                  when ${EMAIL_OF_USER} is null and nullif(trim(u.phone), '') is not null then 'phone-only'
                  else 'ordinary' end as kind
        from holdfast.auth_users u
    ), joined as (
      select coalesce(u.id::text, ${sql.id('p', mapping.idColumn)}::text) as id, u.id is not null as is_user,
             ${sql.id('p', mapping.idColumn)} is not null as has_profile, u.due is true as due, u.email, u.kind,
             u.created_at, u.deleted_at, ${profileEmail} as profile_email
        from u full join ${tableOf(tables.profiles)} p on ${ofUser}
    ), person as materialized (
      select id, is_user, has_profile, due, kind, created_at, deleted_at,
             coalesce(due and created_at > now() - ${grace}, false) as young, ${differs} as email,
             has_profile and not (is_user and deleted_at is null) as unowned
        from joined u
    ), signed as (
      select user_id::text as id, min(created_at) as at from holdfast.auth_audit
       where action = 'user_signedup' and user_id is not null group by user_id
    ), removed as (
      select distinct user_id::text as id from holdfast.auth_audit where action = 'user_deleted' and user_id is not null
    ), audited as materialized (
      select signed.id, signed.at, person.is_user is true as is_user, person.due, person.has_profile,
             removed.id is not null as deleted
        from signed left join person on person.id = signed.id left join removed on removed.id = signed.id
    ), running as (
      select replace(name, 'signup/supabase/-/', '') as id from holdfast.audit_marks
       where system = 'supabase' and audit = ${auditId} and mark = 'running'
    ), ignored as (
      select identity as id from holdfast.ignored where system = 'supabase' and expires_at > now()
    ), scoped as materialized (
      select person.*, id in (select id from ignored) and ${scope.id === null}::boolean as is_ignored,
             id in (select id from running) as is_running
        from person where ${inScope}
    ), judged as materialized (
      select * from scoped where not is_ignored and not (due and (young or is_running))
    ), gaps as (
      select id, 'profile-missing' as kind, created_at as since, 'database' as repair,
             case when kind = 'ordinary' then '{}'::jsonb else ${evidence('user', sql`kind`)} end as evidence
        from judged where due and not has_profile
      union all
      select id, 'profile-unowned', deleted_at, null,
             ${evidence('user', sql`case when is_user then 'soft-deleted' else 'none' end`)}
        from judged where unowned
      union all
      select id, 'email-differs', null, null, ${evidence('profile', sql`email`)}
        from judged where email is not null
      union all
      select id, 'audit-only', at, null, '{}'::jsonb from audited
       where not is_user and not deleted and ${scope.id === null ? sql`${!isSmall}::boolean` : sql`id = ${scope.id}`}
    ), found as (
      insert into holdfast.audit_findings
        (system, audit, identity, kind, tenant, since, evidence, repair, scheduled, expires_at)
      select 'supabase', ${auditId}, id, kind, '-', ${isoOf(sql`since`)}, evidence, repair, ${scheduled}::boolean, ${KEEP}
        from gaps
    ), listed as (
      insert into holdfast.audit_people (system, audit, identity, signed_up_at, person, expires_at)
      select 'supabase', ${auditId}, id, coalesce(${isoOf(sql`created_at`)}, ''),
             jsonb_build_object('identity', id, 'tenant', '-', 'signedUpAt', ${isoOf(sql`created_at`)},
               'user', case when is_user then kind end, 'profile', has_profile, 'state', case
                 when is_ignored then 'ignored' when is_user and not due and not unowned then 'not-due'
                 when young then 'young' when is_running then 'in-progress'
                 when due and not has_profile then 'profile-missing' when unowned then 'profile-unowned'
                 when email is not null then 'email-differs' else 'healthy' end), ${KEEP}
        from scoped where ${isSmall && (scope.last === null || scope.last <= 1_000)}::boolean
      union all
      select 'supabase', ${auditId}, ${scope.id ?? ''}, '',
             jsonb_build_object('identity', ${scope.id ?? ''}::text, 'tenant', '-', 'signedUpAt', null, 'user', null,
               'profile', false, 'state', 'unknown'), ${KEEP}
       where ${scope.id !== null}::boolean and not exists (select from scoped)
    )
    select p.*, a.*, s.*
      from (select ${count(sql`is_user`)} as users, ${count(sql`has_profile`)} as profiles,
                   ${count(sql`is_user and not due`)} as "notDue",
                   ${count(sql`due and not has_profile and not young`)} as "usersWithoutProfile",
                   ${count(sql`unowned`)} as "profilesWithoutUser", ${count(sql`email is not null`)} as "emailMismatches",
                   ${count(sql`due and not young and created_at > now() - interval '24 hours'`)} as "recentSignups",
                   ${count(sql`due and not young and not has_profile and created_at > now() - interval '24 hours'`)} as "recentMissing"
              from person) p,
           (select count(*) as "auditSignups",
                   ${count(sql`is_user and (has_profile or not due)`)} as healthy,
                   ${count(sql`is_user and due and not has_profile`)} as "authOnly",
                   ${count(sql`not is_user`)} as "auditOnly", ${count(sql`not is_user and deleted`)} as "auditDeleted"
              from audited) a,
           (select ${count(sql`due and not is_ignored and not young and not is_running`)} as due,
                   ${count(sql`due and not is_ignored and not young and not is_running and has_profile`)} as have,
                   ${count(sql`due and not is_ignored and young`)} as young,
                   ${count(sql`due and not is_ignored and not young and is_running`)} as "inProgress",
                   ${count(sql`is_ignored`)} as ignored from scoped) s`
}

function count(where: RawBuilder<unknown>): RawBuilder<number> {
  return sql<number>`count(*) filter (where ${where})`
}
