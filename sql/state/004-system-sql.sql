-- Holdfast's own tables, part 4: the files of a system's own folder beside sql/state, such as sql/supabase, that were
-- applied, each with its checksum.
create table holdfast.system_sql (
  system text collate "C" not null,
  version integer not null,
  file text not null,
  checksum text not null,
  applied_at timestamptz(3) not null default now(),
  primary key (system, version)
);
