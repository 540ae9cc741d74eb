-- Part 1 of the SQL pack: what was there before each of its objects is kept in holdfast.installed, from which
-- `holdfast sql supabase remove --all` restores it. `holdfast sql supabase install` fills in the names of the tables
-- and columns, which are in double braces, and runs these files in one transaction; every file is safe to repeat.
create schema if not exists holdfast;

create table if not exists holdfast.installed (
  -- As SQL names it: public.handle_new_user(), public.auth_profile_mismatch, on_auth_user_created.
  name text collate "C" primary key,
  kind text not null check (kind in ('function', 'view', 'trigger')),
  part text not null check (part in ('diagnostics', 'backfill', 'signup')),
  position integer not null,
  version integer not null,
  -- The statements that create what was there before; null where nothing was.
  before text,
  -- The same of the pack's own object, by which a change by anybody else is noticed; null once it is removed.
  ours text,
  changed_at timestamptz(3) not null default now()
);
revoke all on holdfast.installed from public, anon, authenticated, service_role;
-- Without a policy no other role can write here, whatever it is granted: the statements are run by `postgres`.
alter table holdfast.installed enable row level security;

-- The statements that create an object as it is now, with its owner and its rights; null where it does not exist.
create or replace function holdfast.pack_describe(kind text, name text) returns text
language plpgsql stable set search_path = '' as $body$
declare
  found oid := case kind when 'function' then to_regprocedure(name)::oid when 'view' then to_regclass(name)::oid end;
  statements text;
begin
  if kind = 'trigger' then
    return (select regexp_replace(pg_get_triggerdef(t.oid), '^CREATE TRIGGER', 'CREATE OR REPLACE TRIGGER') from pg_trigger t
      where t.tgrelid = 'auth.users'::regclass and t.tgname = name and not t.tgisinternal);
  elsif found is null then
    return null;
  elsif kind = 'function' then
    select format(E'%s;\nalter function %s owner to %s;\nrevoke all on function %2$s from public, anon, authenticated, service_role;',
        pg_get_functiondef(found), name, p.proowner::regrole)
      || coalesce((select string_agg(format(E'\ngrant execute on function %s to %s;', name,
             case a.grantee when 0 then 'public' else a.grantee::regrole::text end), '' order by a.grantee)
           from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.grantee <> p.proowner), '')
      into statements from pg_proc p where p.oid = found;
  else
    if (select relkind from pg_class where oid = found) <> 'v' then
      raise exception '% exists and is no view: rename it first', name using errcode = 'HF001';
    end if;
    select format(E'create view %s%s as\n%s\nalter view %1$s owner to %4$s;\nrevoke all on %1$s from public, anon, authenticated, service_role;',
        name, ' with (' || array_to_string(c.reloptions, ', ') || ')', pg_get_viewdef(found), c.relowner::regrole)
      || coalesce((select string_agg(format(E'\ngrant %s on %s to %s;', a.privilege_type, name,
             case a.grantee when 0 then 'public' else a.grantee::regrole::text end), '' order by a.grantee, a.privilege_type)
           from aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a where a.grantee <> c.relowner), '')
      into statements from pg_class c where c.oid = found;
  end if;
  return statements;
end
$body$;

-- Before an object of the pack is created: keeps what another author made under its name, and makes room for ours.
create or replace function holdfast.pack_prepare(part text, kind text, name text, place integer) returns void
language plpgsql set search_path = '' as $body$
declare
  found text := holdfast.pack_describe(kind, name);
  ours text := (select i.ours from holdfast.installed i where i.name = pack_prepare.name);
begin
  insert into holdfast.installed as i (name, kind, part, position, version, before) values (name, kind, part, place, 0, found)
  on conflict on constraint installed_pkey do update
    set before = case when found is null or found = i.ours then i.before else found end;
  if found is null or found = ours then
    return;
  end if;
  -- The trigger and its function are replaced in place: at no moment is a signup without them.
  if kind = 'view' then
    execute format('drop view %s', name);
  elsif kind = 'function' and (select prorettype <> 'trigger'::regtype from pg_proc where oid = to_regprocedure(name)) then
    execute format('drop function %s', name);
  end if;
end
$body$;

-- After it was created: execute for service_role alone, and views for none of the roles that requests have.
create or replace function holdfast.pack_finish(name text, version integer) returns void
language plpgsql set search_path = '' as $body$
declare
  kind text := (select i.kind from holdfast.installed i where i.name = pack_finish.name);
begin
  if kind = 'view' then
    execute format('revoke all on %s from public, anon, authenticated, service_role', name);
  elsif kind = 'function' then
    execute format('revoke all on function %s from public, anon, authenticated, service_role', name);
    if (select prorettype <> 'trigger'::regtype from pg_proc where oid = to_regprocedure(name)) then
      execute format('grant execute on function %s to service_role', name);
    end if;
  end if;
  update holdfast.installed i set ours = holdfast.pack_describe(i.kind, i.name), version = pack_finish.version, changed_at = now()
    where i.name = pack_finish.name;
end
$body$;

-- Removes the objects of these parts, and with 'signup' restores what was there before all of them. An object that
-- another author has changed since is left as it is, and returned.
create or replace function holdfast.pack_remove(parts text[]) returns setof text
language plpgsql set search_path = '' as $body$
declare
  item record;
  trigger_name constant text := 'on_auth_user_created';
  function_name constant text := 'public.handle_new_user()';
  of_trigger holdfast.installed;
  of_function holdfast.installed;
  trigger_ours boolean;
begin
  perform set_config('check_function_bodies', 'off', true);
  return query select i.name from holdfast.installed i
    where i.part = any(parts) and i.ours is not null and holdfast.pack_describe(i.kind, i.name) is distinct from i.ours
      and holdfast.pack_describe(i.kind, i.name) is not null order by i.position;

  if 'signup' = any(parts) then
    select * into of_trigger from holdfast.installed where name = trigger_name;
    select * into of_function from holdfast.installed where name = function_name;
    trigger_ours := holdfast.pack_describe('trigger', trigger_name) = of_trigger.ours;
    -- Changed by another author, the function is theirs, and so is the trigger that calls it.
    if holdfast.pack_describe('function', function_name) = of_function.ours then
      if exists (select from pg_trigger where tgfoid = to_regprocedure(function_name)
          and not (tgrelid = 'auth.users'::regclass and tgname = trigger_name)) then
        raise exception 'another trigger calls %: drop that one first', function_name using errcode = 'HF001';
      end if;
      if of_function.before is not null then
        execute of_function.before;
      end if;
      if trigger_ours and of_trigger.before is not null then
        execute of_trigger.before;
      elsif trigger_ours then
        -- `drop trigger` is for the owner of auth.users alone; the trigger goes with its function.
        execute format('drop function %s cascade', function_name);
        if of_function.before is not null then
          execute of_function.before;
        end if;
      end if;
      if of_function.before is null
        and not exists (select from pg_trigger where tgfoid = to_regprocedure(function_name)) then
        execute format('drop function if exists %s', function_name);
      end if;
    elsif trigger_ours and of_trigger.before is not null and to_regprocedure(function_name) is null then
      execute of_trigger.before;
    end if;
  end if;

  for item in select * from holdfast.installed i where i.part = any(parts) and i.ours is not null
      and i.name not in (trigger_name, function_name) order by i.position desc loop
    if holdfast.pack_describe(item.kind, item.name) = item.ours then
      execute format('drop %s %s', item.kind, item.name);
    end if;
  end loop;
  if 'signup' = any(parts) then
    for item in select * from holdfast.installed i where i.before is not null
        and i.name not in (trigger_name, function_name) order by i.position loop
      if holdfast.pack_describe(item.kind, item.name) is null then
        execute item.before;
      end if;
    end loop;
  end if;
  update holdfast.installed i set ours = null, changed_at = now() where i.part = any(parts) and i.ours is not null;
end
$body$;

revoke all on function holdfast.pack_describe(text, text), holdfast.pack_prepare(text, text, text, integer),
  holdfast.pack_finish(text, integer), holdfast.pack_remove(text[]) from public, anon, authenticated, service_role;
