-- Holdfast's own tables, part 3: the totals of signups, problems and gaps by the hour, for 400 days. They name nobody.

-- `name`: `signups` by outcome, or `blocked` by problem; `key`: the outcome or the problem.
create table holdfast.totals (
  system text collate "C" not null,
  name text collate "C" not null,
  key text collate "C" not null,
  hour timestamptz(3) not null,
  count bigint not null,
  expires_at timestamptz(3) not null,
  primary key (system, hour, name, key)
);
create index totals_expires_at on holdfast.totals (expires_at);

-- Ids of the events that were counted, by which a repeated one is recognised for three hours after its hour began.
create table holdfast.total_events (
  system text collate "C" not null,
  name text collate "C" not null,
  key text collate "C" not null,
  hour timestamptz(3) not null,
  id text collate "C" not null,
  expires_at timestamptz(3) not null,
  primary key (system, hour, name, key, id)
);
create index total_events_expires_at on holdfast.total_events (expires_at);

-- The gaps that the last audit of everybody in an hour found, for 400 days.
create table holdfast.gap_totals (
  system text collate "C" not null,
  hour timestamptz(3) not null,
  -- The time of the audit.
  at timestamptz(3) not null,
  -- A list of kinds with their counts.
  gaps jsonb not null,
  expires_at timestamptz(3) not null,
  primary key (system, hour)
);
create index gap_totals_expires_at on holdfast.gap_totals (expires_at);
