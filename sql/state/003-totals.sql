-- Counts of signups, problems and gaps by the hour, for 400 days. They name nobody.

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

-- Ids of the events that were counted, by which a repeated one is recognised until its hour is over.
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

-- The gaps that the last audit of everybody in an hour found.
create table holdfast.gap_totals (
  system text collate "C" not null,
  hour timestamptz(3) not null,
  -- When the audit was made.
  at timestamptz(3) not null,
  -- A list of kinds with their counts.
  gaps jsonb not null,
  expires_at timestamptz(3) not null,
  primary key (system, hour)
);
create index gap_totals_expires_at on holdfast.gap_totals (expires_at);
