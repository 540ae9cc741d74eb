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
    select case when fits then others || jsonb_build_object('at', minute, 'count', in_minute + ${places}::bigint)
        else recent end as minutes,
      case when fits then ${request}::text end as granted
    from (
      select minute,
        coalesce(jsonb_agg(entry) filter (where entry is not null), '[]') as recent,
        coalesce(jsonb_agg(entry) filter (where (entry ->> 'at')::timestamptz <> minute), '[]') as others,
        coalesce(sum((entry ->> 'count')::bigint) filter (where (entry ->> 'at')::timestamptz = minute), 0) as in_minute,
        coalesce(sum((entry ->> 'count')::bigint), 0) + ${places}::bigint <= ${limit}::bigint as fits
      from (select date_trunc('minute', now()) as minute) as clock
      left join jsonb_array_elements(${minutes}) as entry
        on (entry ->> 'at')::timestamptz > now() - interval '1 hour'
      group by minute
    ) as hour`
}
