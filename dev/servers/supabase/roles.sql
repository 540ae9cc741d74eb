-- Supabase's own roles, as its published tests list them. `supabase_admin` is the cluster's superuser already.
-- `:password` is replaced: every role that may log in has the same one.
create role postgres login createrole createdb replication bypassrls password :password;
create role anon nologin;
create role authenticated nologin;
create role service_role nologin bypassrls;
create role authenticator login noinherit password :password;
create role dashboard_user nologin createrole createdb replication;
create role supabase_auth_admin login noinherit createrole password :password;
grant anon, authenticated, service_role to authenticator;
grant anon, authenticated, service_role to postgres with admin option;
grant pg_monitor, pg_read_all_data, pg_signal_backend to postgres;

alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout = '8s';
alter role postgres set search_path = "$user", public, extensions;
alter role supabase_auth_admin set search_path = auth;
alter role supabase_auth_admin set idle_in_transaction_session_timeout = '60000';
