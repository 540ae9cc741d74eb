-- Holdfast's own tables, part 1: versions, the record of actions, events, people, switches, workers.
-- `holdfast state apply <system>` runs all files of this folder in one transaction.
-- Every table that belongs to one system has the system in its key, since two systems may share a database. Texts that
-- are compared or ordered have the collation "C": they are ordered by their bytes, as in MongoDB. Times are precise to
-- the millisecond, as in the program that reads them.

do $$
begin
  -- A role that may not create schemas can be given one.
  if to_regnamespace('holdfast') is null then
    create schema holdfast;
  end if;
end
$$;

-- The files that were applied, each with its checksum.
create table holdfast.state_version (
  version integer primary key,
  file text not null,
  checksum text not null,
  applied_at timestamptz(3) not null default now()
);

-- One row per system, which `watch` writes to see that the database accepts a write.
create table holdfast.pings (
  system text collate "C" primary key,
  at timestamptz(3) not null
);

-- The record of operators' actions: what they viewed, changed or deleted, for 400 days. Lines are only inserted: one
-- here before an action, one in `action_outcomes` after it. The role of worker and server needs no more than `select,
-- insert` on both, and cannot make lines expire early, since only the function below deletes any. The system is null
-- where an action concerns none.
create table holdfast.actions (
  line bigint generated always as identity primary key,
  action text collate "C" not null,
  system text collate "C",
  at timestamptz(3) not null default now(),
  name text not null,
  kind text not null,
  subjects text[] collate "C" not null,
  scope text,
  reason text,
  by jsonb not null,
  expires_at timestamptz(3) not null default now() + interval '400 days'
);
create index actions_at on holdfast.actions (at);
create index actions_subjects on holdfast.actions using gin (subjects);
create index actions_expires_at on holdfast.actions (expires_at);

create table holdfast.action_outcomes (
  line bigint generated always as identity primary key,
  action text collate "C" not null,
  at timestamptz(3) not null default now(),
  outcome text not null,
  key_ids text[] not null,
  count integer not null,
  error text,
  expires_at timestamptz(3) not null default now() + interval '400 days'
);
create index action_outcomes_action on holdfast.action_outcomes (action);
create index action_outcomes_expires_at on holdfast.action_outcomes (expires_at);

create function holdfast.expire_actions(batch integer) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  delete from holdfast.actions where line = any (array(
    select line from holdfast.actions where expires_at < now() limit batch for update skip locked));
  delete from holdfast.action_outcomes where line = any (array(
    select line from holdfast.action_outcomes where expires_at < now() limit batch for update skip locked));
$$;
revoke execute on function holdfast.expire_actions(integer) from public;

-- How far the events of a tenant have been read.
create table holdfast.cursors (
  system text collate "C" not null,
  tenant text collate "C" not null,
  -- The place in each source, by source.
  places jsonb not null default '{}',
  last_event_at timestamptz(3),
  read_at timestamptz(3),
  caught_up_at timestamptz(3),
  -- A period that can no longer be read.
  gap_from timestamptz(3),
  gap_to timestamptz(3),
  gap_noticed_at timestamptz(3),
  begun_at timestamptz(3),
  primary key (system, tenant)
);

-- Ids of events that are durable at Temporal, for a week. The table is unlogged, so a crash of the server empties it; a
-- repeated event then reaches Temporal once more, which changes nothing.
create unlogged table holdfast.seen_events (
  system text collate "C" not null,
  tenant text collate "C" not null,
  id text collate "C" not null,
  expires_at timestamptz(3) not null default now() + interval '7 days',
  primary key (system, tenant, id)
);
create index seen_events_expires_at on holdfast.seen_events (expires_at);

-- Events that are only counted, by tenant, day and code, for 30 days.
create table holdfast.event_counts (
  system text collate "C" not null,
  tenant text collate "C" not null,
  day text collate "C" not null,
  code text collate "C" not null,
  count integer not null,
  expires_at timestamptz(3) not null,
  primary key (system, tenant, day, code)
);
create index event_counts_expires_at on holdfast.event_counts (expires_at);

-- The ids of the events in `event_counts`, by which a repeated one is recognised.
create table holdfast.counted_events (
  system text collate "C" not null,
  tenant text collate "C" not null,
  day text collate "C" not null,
  code text collate "C" not null,
  id text collate "C" not null,
  expires_at timestamptz(3) not null,
  primary key (system, tenant, day, code, id)
);
create index counted_events_expires_at on holdfast.counted_events (expires_at);

-- The last failure of a person's verification mail, for 30 days.
create table holdfast.failed_mails (
  system text collate "C" not null,
  identity text collate "C" not null,
  code text not null,
  at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  primary key (system, identity)
);
create index failed_mails_expires_at on holdfast.failed_mails (expires_at);

-- People who are excluded from alerts until a date.
create table holdfast.ignored (
  system text collate "C" not null,
  identity text collate "C" not null,
  tenant text collate "C" not null,
  reason text not null,
  since timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  primary key (system, identity)
);
create index ignored_expires_at on holdfast.ignored (expires_at);

-- Deletions that are older than this installation: recorded for 90 days, not carried out.
create table holdfast.old_deletions (
  system text collate "C" not null,
  identity text collate "C" not null,
  tenant text collate "C" not null,
  deleted_at timestamptz(3) not null,
  noted_at timestamptz(3) not null default now(),
  expires_at timestamptz(3) not null default now() + interval '90 days',
  primary key (system, identity)
);
create index old_deletions_expires_at on holdfast.old_deletions (expires_at);

-- Deleted people, by keyed hash, with the time of the deletion; kept permanently.
create table holdfast.tombstones (
  system text collate "C" not null,
  hash text collate "C" not null,
  at timestamptz(3) not null,
  finished_at timestamptz(3),
  by text,
  -- The number of deleted records, by store.
  erased jsonb not null default '{}',
  -- The number of quarantined entries that could not be searched at the time.
  unjudged integer not null default 0,
  -- The people who kept an account of the deleted person, by keyed hash.
  left_to text[] collate "C" not null default '{}',
  primary key (system, hash)
);
create index tombstones_at on holdfast.tombstones (system, at);
create index tombstones_left_to on holdfast.tombstones (system) where left_to <> '{}';

-- A row pauses the work that it names: `creations` or `deletions`.
create table holdfast.switches (
  system text collate "C" not null,
  work text collate "C" not null,
  paused_at timestamptz(3) not null default now(),
  by text not null,
  reason text,
  primary key (system, work)
);

-- One row per worker process and system, which the process writes every few seconds.
create table holdfast.workers (
  system text collate "C" not null,
  identity text collate "C" not null,
  host text not null,
  pid integer not null,
  build text not null,
  started_at timestamptz(3) not null,
  at timestamptz(3) not null,
  stopped boolean not null,
  settings jsonb not null,
  expires_at timestamptz(3) not null,
  primary key (system, identity)
);
create index workers_expires_at on holdfast.workers (expires_at);
