-- Holdfast's own tables, part 5: the severity of alerts, and their messages to several channels.

alter table holdfast.alerts
  add column severity text not null default 'warning',
  add column title text not null default '',
  -- Sentences on consequences, and up to ten people by keyed hash.
  add column consequences jsonb not null default '[]',
  add column people jsonb not null default '[]',
  -- Until when one process has the right to send the alert's messages to a channel, by its name.
  add column leases jsonb not null default '{}',
  drop column lease_until;

-- Messages to channels: those that wait, and the newest of those that were sent.
alter table holdfast.alert_messages
  add column id uuid not null default gen_random_uuid(),
  add column channel text collate "C" not null default 'http',
  add column at timestamptz(3) not null default now(),
  -- Quiet hours hold the message back until then.
  add column not_before timestamptz(3),
  add column sent_at timestamptz(3),
  add column response text;
create unique index alert_messages_id on holdfast.alert_messages (system, id);
create index alert_messages_waiting on holdfast.alert_messages (system, channel) where sent_at is null;
