-- Grants the role `holdfast` every right that Holdfast needs on its own tables, and no other. Run it after each
-- `holdfast state apply <system>`, as the role that ran that; it is safe to repeat:
--
--   psql "$OWNER_URL" -f deploy/postgres/role.sql
--
-- Create the role once, before that; <SYSTEM>_DB_URL of worker and server then names it:
--
--   create role holdfast login password '<password>';

-- The server's own time limit: a pooler refuses it as a parameter of a connection. Holdfast waits no longer than this.
-- If the owner may not change roles, psql reports it and goes on: run this line as an administrator.
alter role holdfast set statement_timeout = '10s';

-- In one transaction: at no moment may the role change the record of actions.
begin;
grant usage on schema holdfast to holdfast;
-- Tables alone: a view of a system, such as those of Supabase Auth, is granted by the system's own role file.
do $$
declare
  name text;
begin
  for name in select format('%I.%I', schemaname, tablename) from pg_tables where schemaname = 'holdfast' loop
    execute format('grant select, insert, update, delete on %s to holdfast', name);
  end loop;
end
$$;
grant execute on function holdfast.expire_actions(integer) to holdfast;

-- The record of operators' actions is only appended to and read, so that no process of Holdfast can change it.
revoke update, delete on holdfast.actions, holdfast.action_outcomes from holdfast;
-- Only `holdfast state apply` writes here.
revoke insert, update, delete on holdfast.state_version, holdfast.system_sql from holdfast;
commit;
