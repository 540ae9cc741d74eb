-- Gives the role `holdfast` every right that Holdfast needs on its own tables, and no other. Run after `holdfast state
-- apply <system>`, by the role that ran it, and again after each update that applies further files:
--
--   psql "$OWNER_URL" -f deploy/postgres/role.sql
--
-- The role itself, once, by an administrator (it needs a password, and <SYSTEM>_DB_URL then names it):
--
--   create role holdfast login password '<password>';

-- The server's own limit: a pooler refuses it as a parameter of a connection. Holdfast waits no longer than this.
alter role holdfast set statement_timeout = '10s';

grant usage on schema holdfast to holdfast;
grant select, insert, update, delete on all tables in schema holdfast to holdfast;
grant execute on function holdfast.expire_actions(integer) to holdfast;

-- Appended to and read: nothing of ours can change or shorten the record of what operators did.
revoke update, delete on holdfast.actions, holdfast.action_outcomes from holdfast;
-- Written by `holdfast state apply` alone.
revoke insert, update, delete on holdfast.state_version from holdfast;
