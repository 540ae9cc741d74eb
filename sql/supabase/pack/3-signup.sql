-- Part 3 of the SQL pack: what a signup needs. It stays until `holdfast sql supabase remove --all`, and depends on no
-- other object of Holdfast.
select holdfast.pack_prepare('signup', 'function', 'public.ensure_profile_exists(uuid,text,text)', 11),
       holdfast.pack_prepare('signup', 'function', 'public.handle_new_user()', 12),
       holdfast.pack_prepare('signup', 'trigger', 'on_auth_user_created', 13);

do $$
begin
  if exists (select from pg_trigger where tgfoid = to_regprocedure('public.handle_new_user()')
      and not (tgrelid = 'auth.users'::regclass and tgname = 'on_auth_user_created')) then
    raise exception 'another trigger calls public.handle_new_user(): give it a function of its own, or drop it' using errcode = 'HF001';
  end if;
end
$$;

-- True where a profile was created; a profile that exists is not changed. What is given comes before what the user has.
create or replace function public.ensure_profile_exists(user_id uuid, email text default null, account_type text default null)
returns boolean language sql security definer set search_path = '' as $$
  with made as (
    insert into {{profiles}} ({{names}})
    select {{values_given}}
      from {{users}} u where u.id = ensure_profile_exists.user_id and u.due and {{lacks}}
    on conflict ({{id}}) do nothing
    returning 1
  )
  select exists (select from made)
$$;

-- The user is created in any case: one without a profile is found and repaired, one who was refused is lost.
create or replace function public.handle_new_user() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  failed_state text;
  failed_constraint text;
begin
  -- with events
  begin
    insert into {{events}} (user_id, event_type{{details_name}}) values ({{event_user new.id}}, 'auth_user_created'{{details}});
  exception when others then
    raise log 'holdfast: no event for the user %: %', new.id, sqlstate;
  end;
  -- end events
  if new.is_anonymous then
    return new;
  end if;
  begin
    perform public.ensure_profile_exists(new.id);
  exception when others then
    get stacked diagnostics failed_state = returned_sqlstate, failed_constraint = constraint_name;
    raise log 'holdfast: no profile for the user %: % %', new.id, failed_state, failed_constraint;
  end;
  -- with events
  begin
    if failed_state is null then
      insert into {{events}} (user_id, event_type{{details_name}}) values ({{event_user new.id}}, 'profile_bootstrap_ok'{{details}});
    else
      insert into {{events}} (user_id, event_type{{details_name}}) values ({{event_user new.id}}, 'profile_bootstrap_error'{{error_details}});
    end if;
  exception when others then
    raise log 'holdfast: no event for the user %: %', new.id, sqlstate;
  end;
  -- end events
  return new;
end
$$;

create or replace trigger on_auth_user_created after insert on auth.users
  for each row execute function public.handle_new_user();

select holdfast.pack_finish(name, {{version}}) from holdfast.installed where part = 'signup';
