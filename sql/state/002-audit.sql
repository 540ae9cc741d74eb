-- Holdfast's own tables, part 2: alerts, audits and plans, quarantined events, histories and safety limits.

-- Open alerts, and for 30 days those that were closed.
create table holdfast.alerts (
  system text collate "C" not null,
  dedup_key text collate "C" not null,
  name text collate "C" not null,
  sentence text not null,
  fix text not null,
  count bigint not null,
  open boolean not null,
  since timestamptz(3) not null,
  opened_at timestamptz(3) not null,
  last_seen timestamptz(3) not null,
  -- When each source last found the cause, by its name.
  seen_by jsonb not null,
  repeat_at timestamptz(3) not null,
  closed_at timestamptz(3),
  -- Until this time one process has the right to send the alert's messages.
  lease_until timestamptz(3),
  expires_at timestamptz(3),
  primary key (system, dedup_key)
);
create index alerts_open on holdfast.alerts (system, name) where open;
create index alerts_expires_at on holdfast.alerts (expires_at);

-- Messages that no channel has accepted yet.
create table holdfast.alert_messages (
  system text collate "C" not null,
  dedup_key text collate "C" not null,
  number bigint generated always as identity,
  message jsonb not null,
  tries integer not null default 0,
  because text,
  primary key (system, dedup_key, number),
  foreign key (system, dedup_key) references holdfast.alerts on delete cascade
);

-- The results of audits, for 30 days.
create table holdfast.audits (
  system text collate "C" not null,
  audit text collate "C" not null,
  at text collate "C" not null,
  -- The audit covers everybody: it is not limited by a tenant, a time, a number of people or an id.
  of_everybody boolean not null,
  -- The only person of the audit, where it has one.
  scope_id text collate "C",
  scheduled boolean not null,
  -- The findings are in `audit_findings`.
  result jsonb not null,
  expires_at timestamptz(3) not null,
  primary key (system, audit)
);
create index audits_at on holdfast.audits (system, at);
create index audits_scope_id on holdfast.audits (system, scope_id) where scope_id is not null;
create index audits_expires_at on holdfast.audits (expires_at);

-- The gaps that an audit found, by person, for 30 days; of scheduled audits only those of the last two.
create table holdfast.audit_findings (
  system text collate "C" not null,
  audit text collate "C" not null,
  identity text collate "C" not null,
  kind text collate "C" not null,
  tenant text collate "C" not null,
  since text collate "C",
  evidence jsonb not null,
  repair text collate "C",
  scheduled boolean not null,
  expires_at timestamptz(3) not null,
  primary key (system, audit, identity, kind)
);
create index audit_findings_scheduled on holdfast.audit_findings (system, audit) where scheduled;
create index audit_findings_expires_at on holdfast.audit_findings (expires_at);

-- The people of an audit that was limited to some, for 30 days.
create table holdfast.audit_people (
  system text collate "C" not null,
  audit text collate "C" not null,
  identity text collate "C" not null,
  -- Empty where the time is unknown, so that these people come last.
  signed_up_at text collate "C" not null,
  person jsonb not null,
  expires_at timestamptz(3) not null,
  primary key (system, audit, identity)
);
create index audit_people_signed_up_at on holdfast.audit_people (system, audit, signed_up_at desc, identity);
create index audit_people_expires_at on holdfast.audit_people (expires_at);

-- Notes of a running audit for its own later steps, such as signups that are running. It deletes them when it ends.
create table holdfast.audit_marks (
  system text collate "C" not null,
  audit text collate "C" not null,
  mark text collate "C" not null,
  name text collate "C" not null,
  expires_at timestamptz(3) not null,
  primary key (system, audit, mark, name)
);
create index audit_marks_expires_at on holdfast.audit_marks (expires_at);

-- Plans of backfills, each with the id of its audit, for 30 days.
create table holdfast.plans (
  system text collate "C" not null,
  plan_id text collate "C" not null,
  -- The only person of the plan, where it has one.
  scope_id text collate "C",
  plan jsonb not null,
  at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  primary key (system, plan_id)
);
create index plans_scope_id on holdfast.plans (system, scope_id) where scope_id is not null;
create index plans_expires_at on holdfast.plans (expires_at);

-- Events that could not be read, until HOLDFAST_QUARANTINE_DAYS after their last arrival.
create table holdfast.quarantine (
  system text collate "C" not null,
  id text collate "C" not null,
  tenant text collate "C" not null,
  reason text collate "C" not null,
  -- The entry as it arrived, sealed: an unreadable entry may contain any data.
  content text not null,
  -- Set where the content is not the whole entry, or not exactly the entry.
  original jsonb,
  -- Keyed hashes of every text in it that looks like an id or an address; null where there are too many.
  mentions text[],
  first_seen timestamptz(3) not null,
  last_seen timestamptz(3) not null,
  times bigint not null,
  expires_at timestamptz(3) not null,
  primary key (system, id)
);
create index quarantine_mentions on holdfast.quarantine using gin (mentions);
create index quarantine_unsearched on holdfast.quarantine (system, tenant) where mentions is null;
create index quarantine_last_seen on holdfast.quarantine (system, last_seen desc);
create index quarantine_expires_at on holdfast.quarantine (expires_at);

-- The arrivals in the quarantine by tenant and day, for 30 days.
create table holdfast.quarantine_days (
  system text collate "C" not null,
  tenant text collate "C" not null,
  -- 2026-11-29, in UTC.
  day text collate "C" not null,
  -- New entries that arrived, and their bytes, whether they were stored or not.
  entries bigint not null,
  bytes bigint not null,
  not_stored bigint not null,
  expires_at timestamptz(3) not null,
  primary key (system, tenant, day)
);
create index quarantine_days_expires_at on holdfast.quarantine_days (expires_at);

-- The outcomes of a person's steps, for as long as the person is known.
create table holdfast.history (
  system text collate "C" not null,
  identity text collate "C" not null,
  -- A list of lines, the oldest first.
  events jsonb not null,
  primary key (system, identity)
);

-- The last success of each step, for any person.
create table holdfast.steps (
  system text collate "C" not null,
  step text collate "C" not null,
  at timestamptz(3) not null,
  build text not null,
  primary key (system, step)
);

-- Actions that a safety limit admitted or holds. A person is a keyed hash.
create table holdfast.limited_actions (
  system text collate "C" not null,
  kind text collate "C" not null,
  person text collate "C" not null,
  state text collate "C" not null check (state in ('admitted', 'held')),
  since timestamptz(3) not null,
  -- An operator released it.
  released boolean not null,
  -- The part of the person's data that the action concerns.
  about text collate "C",
  expires_at timestamptz(3) not null,
  primary key (system, kind, person)
);
create index limited_actions_held on holdfast.limited_actions (system, kind) where state = 'held';
create index limited_actions_expires_at on holdfast.limited_actions (expires_at);

-- The hour's count of each safety limit.
create table holdfast.limit_counters (
  system text collate "C" not null,
  kind text collate "C" not null,
  -- The number of admissions in each minute of the last hour.
  minutes jsonb not null,
  -- The request that was admitted last, by which its caller recognizes its own outcome.
  granted text,
  primary key (system, kind)
);
