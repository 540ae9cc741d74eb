-- A shop's own tables, as its migrations create them: run by `postgres`. `profiles` has no foreign key, so that a
-- profile outlives its user, which an audit has to find.
create table public.profiles (
  id uuid primary key,
  email text,
  account_type text not null default 'personal' check (account_type in ('personal', 'business')),
  full_name text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table public.user_events (
  id uuid primary key default gen_random_uuid(),
  user_id uuid,
  event_type text not null,
  details jsonb not null default '{}',
  created_at timestamptz not null default now()
);
create index user_events_user_id on public.user_events (user_id, created_at);

-- A person may read and change their own rows. `service_role` passes, as it has BYPASSRLS.
alter table public.profiles enable row level security;
create policy "own profile: read" on public.profiles for select to authenticated using ((select auth.uid()) = id);
create policy "own profile: create" on public.profiles for insert to authenticated with check ((select auth.uid()) = id);
create policy "own profile: change" on public.profiles for update to authenticated
  using ((select auth.uid()) = id) with check ((select auth.uid()) = id);
alter table public.user_events enable row level security;
create policy "own events: read" on public.user_events for select to authenticated using ((select auth.uid()) = user_id);
create policy "own events: create" on public.user_events for insert to authenticated with check ((select auth.uid()) = user_id);
create policy "own events: change" on public.user_events for update to authenticated
  using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);

create function public.ensure_profile_exists(user_id uuid, user_email text, user_account_type text, user_name text)
returns void language sql security definer set search_path = '' as $$
  insert into public.profiles (id, email, account_type, full_name)
  values (user_id, user_email, coalesce(nullif(user_account_type, ''), 'personal'), nullif(user_name, ''))
  on conflict (id) do nothing
$$;

-- A profile that cannot be created does not stop the signup: the error is an event, and nothing else reports it.
create function public.handle_new_user() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into public.user_events (user_id, event_type) values (new.id, 'auth_user_created');
  if new.is_anonymous then
    return new;
  end if;
  begin
    perform public.ensure_profile_exists(
      new.id, new.email, new.raw_user_meta_data ->> 'account_type', new.raw_user_meta_data ->> 'full_name');
    insert into public.user_events (user_id, event_type) values (new.id, 'profile_bootstrap_ok');
  exception when others then
    insert into public.user_events (user_id, event_type, details)
    values (new.id, 'profile_bootstrap_error', jsonb_build_object('sqlstate', sqlstate, 'message', sqlerrm));
  end;
  return new;
end
$$;

revoke execute on function public.ensure_profile_exists(uuid, text, text, text) from public, anon, authenticated;
revoke execute on function public.handle_new_user() from public, anon, authenticated;

create trigger on_auth_user_created after insert on auth.users
  for each row execute function public.handle_new_user();
