-- Part 2 of the SQL pack: views and functions that read. The dependent view is prepared first, since it is dropped first.
select holdfast.pack_prepare('diagnostics', 'view', 'public.auth_profile_mismatch', 2),
       holdfast.pack_prepare('diagnostics', 'view', 'public.signup_audit_summary', 1),
       holdfast.pack_prepare('diagnostics', 'function', 'public.diagnose_auth_profile_consistency()', 3),
       holdfast.pack_prepare('diagnostics', 'function', 'public.get_auth_profile_mismatches(integer)', 4),
       holdfast.pack_prepare('diagnostics', 'function', 'public.check_recent_signup_issues()', 5),
       holdfast.pack_prepare('diagnostics', 'function', 'public.get_user_signup_events(uuid)', 6),
       holdfast.pack_prepare('diagnostics', 'function', 'public.monitor_signup_health()', 7);

-- One row for each person whose signup the audit log has, whether the user still exists or not.
create or replace view public.signup_audit_summary as
select a.user_id, min(a.email) as email, min(a.created_at) as signed_up_at, max(a.created_at) as last_signed_up_at,
       count(*) as entries, bool_or(a.by_admin) as by_admin
  from {{audit}} a
 where a.action = 'user_signedup' and a.user_id is not null
 group by a.user_id;

-- Everybody in the audit log or in auth.users. A user who owes no profile (anonymous, soft-deleted) is healthy without.
create or replace view public.auth_profile_mismatch as
select coalesce(u.id, s.user_id) as user_id, s.email as audit_email, u.email as auth_email,
       case when u.id is null then 'audit_only' when u.due and {{lacks}} then 'auth_only' else 'healthy' end as status
  from {{users}} u full join public.signup_audit_summary s on s.user_id = u.id;

create or replace function public.diagnose_auth_profile_consistency() returns table (metric text, count bigint)
language sql stable security definer set search_path = '' as $$
  with signed as (
    select m.status from public.auth_profile_mismatch m join public.signup_audit_summary s on s.user_id = m.user_id
  )
  values ('Total Signup Audit Entries', (select count(*) from signed)),
         ('Healthy (Auth + Profile)', (select count(*) from signed where status = 'healthy')),
         ('Auth Only (Missing Profile)', (select count(*) from signed where status = 'auth_only')),
         ('Total auth.users', (select count(*) from auth.users)),
         ('Total public.profiles', (select count(*) from {{profiles}})),
         ('Users without Profiles', (select count(*) from public.auth_profile_mismatch where status = 'auth_only'))
$$;

create or replace function public.get_auth_profile_mismatches(limit_count integer default 50)
returns table (user_id uuid, audit_email text, auth_email text, status text)
language sql stable security definer set search_path = '' as $$
  select m.user_id, m.audit_email, m.auth_email, m.status
    from public.auth_profile_mismatch m left join auth.users u on u.id = m.user_id
   where m.status <> 'healthy'
   order by m.status = 'audit_only', u.created_at desc nulls last, m.user_id
   limit greatest(coalesce(limit_count, 50), 0)
$$;

-- Of the last ten minutes: users who lack a profile, and signups whose user is gone although nobody deleted it.
create or replace function public.check_recent_signup_issues()
returns table (user_id uuid, email text, signed_up_at timestamptz, issue text, last_error text)
language sql stable security definer set search_path = '' as $$
  select u.id, u.email, u.created_at, 'missing_profile', {{last_error}}
    from {{users}} u where u.created_at > now() - interval '10 minutes' and u.due and {{lacks}}
  union all
  select a.user_id, min(a.email), min(a.created_at), 'missing_user', null
    from {{audit}} a
   where a.action = 'user_signedup' and a.created_at > now() - interval '10 minutes' and a.user_id is not null
     and not exists (select from auth.users u where u.id = a.user_id)
     and not exists (select from {{audit}} d where d.action = 'user_deleted' and d.user_id = a.user_id)
   group by a.user_id
   order by 3 desc, 1
$$;

-- The user's entries in the audit log and the application's events, the oldest first.
create or replace function public.get_user_signup_events(user_id uuid)
returns table (occurred_at timestamptz, source text, event text, details jsonb)
language sql stable security definer set search_path = '' as $$
  select a.created_at, 'audit_log', a.action, jsonb_build_object('by_admin', a.by_admin, 'provider', a.provider)
    from {{audit}} a where a.user_id = get_user_signup_events.user_id
  -- with events
  union all
  select (to_jsonb(e) ->> 'created_at')::timestamptz, 'user_events', e.event_type::text, {{event_details}}
    from {{events}} e where e.user_id::text = get_user_signup_events.user_id::text
  -- end events
  order by 1 nulls last, 2, 3
$$;

-- Of the last 24 hours; rounded down to a tenth, so that 100 means all, and 100 where nobody signed up.
create or replace function public.monitor_signup_health()
returns table (health_percentage numeric, recent_signups_count bigint, signups_missing_profiles bigint)
language sql stable security definer set search_path = '' as $$
  select case when count(*) = 0 then 100 else trim_scale(floor(count(*) filter (where not lacking) * 1000::numeric / count(*)) / 10) end,
         count(*), count(*) filter (where lacking)
    from (select {{lacks}} as lacking from {{users}} u where u.created_at > now() - interval '24 hours' and u.due) recent
$$;

select holdfast.pack_finish(name, {{version}}) from holdfast.installed where part = 'diagnostics';
