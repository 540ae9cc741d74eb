-- What Holdfast reads of Supabase Auth. `holdfast state apply supabase` runs the files of this folder after those of
-- sql/state, as the role of SUPABASE_ADMIN_DB_URL (`postgres`): a view of that role passes the row-level security of
-- schema auth, and no other role can be given the schema. sql/supabase/role.sql grants what the role holdfast needs.
--
-- The second item of each `from` costs nothing: it keeps Postgres from treating the view as one that can be written.

create view holdfast.auth_users as
select u.id, u.email::text, u.phone, u.raw_user_meta_data, u.raw_app_meta_data, u.is_anonymous, u.is_sso_user,
       u.created_at, u.deleted_at, u.banned_until,
       -- The address of the oldest identity that has one: a user of single sign-on may have it there alone.
       (select i.email from auth.identities i where i.user_id = u.id and i.email is not null
         order by i.created_at, i.id limit 1) as identity_email
  from auth.users u, (select) as read_only;

-- Entries about users. One that an administrator caused names the user in its traits, and as its actor nobody.
create view holdfast.auth_audit as
select a.id, a.created_at, a.payload ->> 'action' as action,
       coalesce(a.payload -> 'traits' ->> 'user_id', nullif(a.payload ->> 'actor_id', '00000000-0000-0000-0000-000000000000')) as user_id,
       case when a.payload -> 'traits' ->> 'user_id' is null then a.payload ->> 'actor_username' else a.payload -> 'traits' ->> 'user_email' end as email,
       a.payload -> 'traits' ->> 'user_id' is not null as by_admin
  from auth.audit_log_entries a, (select) as read_only;

-- Default privileges for the schema would pass the addresses of all users on.
revoke all on holdfast.auth_users, holdfast.auth_audit from public, anon, authenticated, service_role;

-- Each inspection of the triggers on auth.users: one row for the time in which every inspection found the same. The
-- rows of the last change, and of the last time that a trigger was there, are what a report needs.
create table holdfast.trigger_inspections (
  system text collate "C" not null,
  number bigint generated always as identity,
  fingerprint text collate "C" not null,
  -- A list of triggers: name, definition, function with text and owner, and whether it is enabled.
  triggers jsonb not null,
  first_at timestamptz(3) not null,
  last_at timestamptz(3) not null,
  primary key (system, number)
);
revoke all on holdfast.trigger_inspections from public, anon, authenticated, service_role;
