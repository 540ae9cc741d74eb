-- Two functions that try, as `anon` and as `authenticated`, what a request over the REST API may do with a row of
-- another person, and undo it. They belong to those two roles, since a function cannot change its role; only the role
-- holdfast may call them. `own` is the person of the request, `other` another one; both are keys of rows.
do $do$
declare
  tested text;
begin
  foreach tested in array array['anon', 'authenticated'] loop
    execute replace($create$
      create function holdfast.try_as_ROLE(tab regclass, key text, own text, other text,
        out reads_own boolean, out may_with_other text[])
      language plpgsql security definer set search_path = '' as $body$
      declare
        attempt text;
        affected bigint;
      begin
        perform set_config('request.jwt.claims', json_build_object('sub', own, 'role', 'ROLE')::text, true);
        perform set_config('request.jwt.claim.sub', own, true);
        reads_own := false;
        may_with_other := '{}';
        foreach attempt in array array['read own', 'select', 'insert', 'update', 'delete'] loop
          begin
            execute format(case attempt
              when 'read own' then 'select from %1$s where %2$I::text = $1'
              when 'select' then 'select from %1$s where %2$I::text = $2'
              when 'insert' then 'insert into %1$s (%2$I) select (jsonb_populate_record(null::%1$s, jsonb_build_object(%2$L, $2))).%2$I'
              when 'update' then 'update %1$s set %2$I = %2$I where %2$I::text = $2'
              else 'delete from %1$s where %2$I::text = $2'
            end, tab, key) using own, other;
            get diagnostics affected = row_count;
            raise exception using errcode = 'HF000', message = affected::text;
          exception
            when sqlstate 'HF000' then
              if sqlerrm <> '0' and attempt = 'read own' then
                reads_own := true;
              elsif sqlerrm <> '0' then
                may_with_other := may_with_other || attempt;
              end if;
            when insufficient_privilege then
              null;
            -- Row-level security is checked before constraints and by every update: the row had passed it.
            when integrity_constraint_violation or raise_exception then
              may_with_other := may_with_other || attempt;
          end;
        end loop;
      end
      $body$
    $create$, 'ROLE', tested);
    execute format('revoke all on function holdfast.%I(regclass, text, text, text) from public, anon, authenticated, service_role', 'try_as_' || tested);
    execute format('grant create on schema holdfast to %I', tested);
    execute format('alter function holdfast.%I(regclass, text, text, text) owner to %I', 'try_as_' || tested, tested);
    execute format('revoke create on schema holdfast from %I', tested);
  end loop;
end
$do$;
