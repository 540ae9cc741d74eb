import { sql, type RawBuilder } from 'kysely'

/**
 * A query for a counter's new columns `minutes` and `granted`: it drops minutes older than an hour, then counts this
 * request in the current minute if there is room. As part of one statement it runs under the row's lock.
 */
export function placesTaken(
  minutes: RawBuilder<unknown>,
  { request, limit, places }: { readonly request: string; readonly limit: number; readonly places: number },
): RawBuilder<unknown> {
  return sql`
    select
      case when fits then recent || jsonb_build_object(minute, coalesce((recent ->> minute)::bigint, 0) + ${places}::bigint)
        else recent end as minutes,
      case when fits then ${request}::text end as granted
    from (
      select recent, minute,
        (select coalesce(sum(value::bigint), 0) from jsonb_each_text(recent)) + ${places}::bigint <= ${limit}::bigint as fits
      from (
        select
          (select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(${minutes})
            where key::bigint * 60 > extract(epoch from now()) - 3600) as recent,
          floor(extract(epoch from now()) / 60)::bigint::text as minute
        offset 0
      ) as hour
      offset 0
    ) as counted`
}
