-- Part 4 of the SQL pack: functions that create missing profiles, and verify. Callers get a stable message; the reason of
-- a refusal is in the log of the database and in the user's events.
select holdfast.pack_prepare('backfill', 'function', 'public.backfill_user_profile(uuid,text,text)', 21),
       holdfast.pack_prepare('backfill', 'function', 'public.backfill_all_missing_profiles(integer,boolean)', 22),
       holdfast.pack_prepare('backfill', 'function', 'public.verify_profile_completeness()', 23);

create or replace function public.backfill_user_profile(user_id uuid, email text default null, account_type text default null)
returns json language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  person constant uuid := backfill_user_profile.user_id;
  due boolean := (select u.due from {{users}} u where u.id = person);
  created boolean := false;
  failed_state text;
  failed_constraint text;
  refusal text;
begin
  refusal := case
    when due is null then 'No such user'
    when not due then 'The user owes no profile'
    when backfill_user_profile.email is not null and not {{has_email}} then 'The profiles have no column for the address'
    when backfill_user_profile.account_type is not null and not {{has_account_type}} then 'The profiles have no column for the account type'
  end;
  if refusal is null then
    begin
      created := public.ensure_profile_exists(person, backfill_user_profile.email, backfill_user_profile.account_type);
    exception when others then
      get stacked diagnostics failed_state = returned_sqlstate, failed_constraint = constraint_name;
      raise log 'holdfast: no profile for the user %: % %', person, failed_state, failed_constraint;
      refusal := 'The profile was refused';
    end;
    -- with events
    begin
      if created then
        insert into {{events}} (user_id, event_type{{details_name}}) values ({{event_user person}}, 'profile_backfilled'{{details}});
      elsif failed_state is not null then
        -- Once for each reason, however often it is tried.
        insert into {{events}} (user_id, event_type{{details_name}})
        select {{event_user person}}, 'profile_bootstrap_error'{{error_details}}
         where not exists (select from {{events}} e where e.user_id::text = person::text
           and e.event_type = 'profile_bootstrap_error'{{same_error}});
      end if;
    exception when others then
      raise log 'holdfast: no event for the user %: %', person, sqlstate;
    end;
    -- end events
  end if;
  return format('{"user_id": %s, "success": %s, "created": %s, "message": %s}', coalesce(to_json(person), 'null'),
    to_json(refusal is null), to_json(created),
    to_json(coalesce(refusal, case when created then 'Profile created' else 'The user has a profile already' end)))::json;
end
$$;

-- Everybody, in batches of one statement each. A batch in which one profile is refused is repeated person by person.
create or replace function public.backfill_all_missing_profiles(batch_size integer default 100, dry_run boolean default true)
returns json language plpgsql security definer set search_path = '' as $$
declare
  total bigint;
  last uuid;
  batch uuid[];
  made text[];
  person uuid;
  processed bigint := 0;
  failed bigint := 0;
begin
  if batch_size is null or batch_size < 1 then
    raise exception 'batch_size must be at least 1' using errcode = '22023';
  end if;
  if dry_run is not false then
    select count(*) into total from {{users}} u where u.due and {{lacks}};
    return format('{"dry_run": true, "total_missing": %1$s, "message": "Would backfill %1$s profiles"}', total)::json;
  end if;
  loop
    select array_agg(b.id order by b.id) into batch from (
      select u.id from {{users}} u where (last is null or u.id > last) and u.due and {{lacks}} order by u.id limit batch_size) b;
    exit when batch is null;
    made := null;
    begin
      with inserted as (
        insert into {{profiles}} ({{names}})
        select {{values}}
          from {{users}} u where u.id = any(batch) and u.due and {{lacks}} order by u.id
        on conflict ({{id}}) do nothing
        returning {{id}}::text as id
      )
      select array_agg(i.id) into made from inserted i;
    exception when others then
      foreach person in array batch loop
        if not (public.backfill_user_profile(person) ->> 'success')::boolean then
          failed := failed + 1;
        end if;
      end loop;
    end;
    -- with events
    begin
      insert into {{events}} (user_id, event_type{{details_name}})
      select {{event_user m.id}}, 'profile_backfilled'{{details}} from unnest(made) as m (id);
    exception when others then
      raise log 'holdfast: no events for a batch of backfilled profiles: %', sqlstate;
    end;
    -- end events
    processed := processed + cardinality(batch);
    last := batch[cardinality(batch)];
  end loop;
  return format('{"dry_run": false, "processed": %s, "successful": %s, "failed": %s, "message": %s}', processed,
    processed - failed, failed, to_json(case when failed = 0 then format('Backfilled %s profiles', processed)
      else format('Backfilled %s of %s profiles, %s failed', processed - failed, processed, failed) end))::json;
end
$$;

create or replace function public.verify_profile_completeness()
returns table (check_name text, status text, count bigint, details text)
language sql stable security definer set search_path = '' as $$
  select c.check_name, case when c.found = 0 then 'PASS' else 'FAIL' end, c.found, format(c.details, c.found)
    from (
      select 1 as position, 'Auth users without profiles' as check_name, '%s users missing profiles' as details, count(*) as found
        from {{users}} u where u.due and {{lacks}}
      union all
      select 2, 'Profiles without auth users', '%s profiles orphaned', count(*) from {{profiles}} p
       where not exists (select from {{users}} u where {{same}} and u.deleted_at is null)
      union all
      select 3, 'Email consistency', '%s mismatched emails', count(*) from {{profiles}} p join {{users}} u on {{same}}
       where u.due and {{email_differs}}
    ) c order by c.position
$$;

select holdfast.pack_finish(name, {{version}}) from holdfast.installed where part = 'backfill';
