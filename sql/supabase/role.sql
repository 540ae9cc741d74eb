-- Grants the role `holdfast` what Holdfast needs in a Supabase database, and no more: the views of Supabase Auth, the
-- profiles and events (select, insert), and its own schema. Run it after each `holdfast state apply supabase`, as
-- `postgres`; it is safe to repeat. `holdfast check supabase` compares the role with it.
--
--   psql "$SUPABASE_ADMIN_DB_URL" -f sql/supabase/role.sql
--
-- Create the role once, before that; SUPABASE_DB_URL of worker and server then names it:
--
--   create role holdfast login password '<password>';

begin;

-- Change these where SUPABASE_PROFILES_TABLE or SUPABASE_EVENTS_TABLE is set (none: ''). With HOLDFAST_MODE=observe,
-- `select` is enough: with 'no' here, Holdfast cannot write to the application's tables.
select set_config('holdfast.profiles', 'public.profiles', true),
       set_config('holdfast.events', 'public.user_events', true),
       set_config('holdfast.writes', 'yes', true);

-- The server's own time limit: a pooler refuses it as a parameter of a connection. Holdfast waits no longer than this.
alter role holdfast set statement_timeout = '10s';

do $$
declare
  name text;
  tab regclass;
  sequence regclass;
begin
  grant usage on schema holdfast to holdfast;
  -- Tables alone: the views of Supabase Auth are read.
  for name in select format('%I.%I', schemaname, tablename) from pg_tables where schemaname = 'holdfast' loop
    execute format('grant select, insert, update, delete on %s to holdfast', name);
  end loop;
  grant execute on function holdfast.expire_actions(integer) to holdfast;
  grant select on holdfast.auth_users, holdfast.auth_audit to holdfast;
  grant execute on function holdfast.try_as_anon(regclass, text, text, text),
    holdfast.try_as_authenticated(regclass, text, text, text) to holdfast;

  -- The record of operators' actions is only appended to and read, so that no process of Holdfast can change it.
  revoke update, delete on holdfast.actions, holdfast.action_outcomes from holdfast;
  -- Only `holdfast state apply` writes here.
  revoke insert, update, delete on holdfast.state_version, holdfast.system_sql from holdfast;

  foreach name in array array[current_setting('holdfast.profiles'), current_setting('holdfast.events')] loop
    continue when name = '';
    tab := name::regclass;
    execute format('grant usage on schema %I to holdfast', (select relnamespace::regnamespace::text from pg_class where oid = tab));
    execute format('revoke all on %s from holdfast', tab);
    execute format('grant select on %s to holdfast', tab);
    -- With row-level security and no policy, the role would see an empty table, without an error.
    execute format('drop policy if exists holdfast_reads on %s', tab);
    execute format('create policy holdfast_reads on %s for select to holdfast using (true)', tab);
    execute format('drop policy if exists holdfast_inserts on %s', tab);
    continue when current_setting('holdfast.writes') <> 'yes';
    execute format('grant insert on %s to holdfast', tab);
    execute format('create policy holdfast_inserts on %s for insert to holdfast with check (true)', tab);
    -- The sequence of a `serial` key; one of an identity needs no right.
    for sequence in select objid::regclass from pg_depend join pg_class on pg_class.oid = objid
      where classid = 'pg_class'::regclass and refclassid = 'pg_class'::regclass and refobjid = tab and deptype = 'a' and relkind = 'S' loop
      execute format('grant usage on sequence %s to holdfast', sequence);
    end loop;
  end loop;
end
$$;

commit;
