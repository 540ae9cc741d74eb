import { sql, type Kysely } from 'kysely'
import type { AuthTrigger } from '../../domain/supabase/triggers.ts'
import { callPostgres } from '../postgres/lib/errors.ts'

/**
 * The triggers on `auth.users` that call a function of the project, by name. The catalog shows them to every role, also
 * to one that may not enter schema `auth`. Database webhooks, which are triggers too, are left out.
 */
export function readTriggers<Tables>(db: Kysely<Tables>): Promise<AuthTrigger[]> {
  return callPostgres('pg_catalog.pg_trigger', 'find', async () => {
    const { rows } = await sql<AuthTrigger>`
      select t.tgname as name, format('%I.%I', fs.nspname, f.proname) as calls,
             array_remove(array[
               case when t.tgtype & 8 > 0 then 'DELETE' end, case when t.tgtype & 4 > 0 then 'INSERT' end,
               case when t.tgtype & 32 > 0 then 'TRUNCATE' end, case when t.tgtype & 16 > 0 then 'UPDATE' end], null) as events,
             t.tgenabled in ('O', 'A') as enabled,
             pg_get_triggerdef(t.oid) as definition,
             pg_get_functiondef(f.oid) as "functionText",
             f.proowner::regrole::text as "functionOwner",
             array(
               select pg_get_functiondef(h.oid)
                 from pg_proc h join pg_namespace hs on hs.oid = h.pronamespace
                 join pg_language l on l.oid = h.prolang
                where h.oid <> f.oid and h.prokind = 'f' and l.lanname in ('sql', 'plpgsql')
                  and hs.nspname not in ('pg_catalog', 'information_schema', 'auth', 'storage', 'realtime', 'holdfast')
                  and position(h.proname || '(' in replace(f.prosrc, '"', '')) > 0
                  and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = h.oid and d.deptype = 'e')
                order by 1) as helpers
        from pg_trigger t
        join pg_class c on c.oid = t.tgrelid
        join pg_namespace s on s.oid = c.relnamespace
        join pg_proc f on f.oid = t.tgfoid
        join pg_namespace fs on fs.oid = f.pronamespace
       where s.nspname = 'auth' and c.relname = 'users' and not t.tgisinternal
         and fs.nspname not in ('supabase_functions', 'auth')
       order by calls, name`.execute(db)
    return rows
  })
}
