import { sql, type Selectable } from 'kysely'
import type { System } from '../../contracts/systems.ts'
import { callPostgres } from '../../adapters/postgres/lib/errors.ts'
import type { DeletedBy, Tombstone, Tombstones } from '../ports/tombstones.ts'
import type { StateDb, StateTables } from './tables.ts'

const TABLE = 'holdfast.tombstones'

type Row = Selectable<StateTables[typeof TABLE]>

/**
 * `holdfast.tombstones`: that a person was deleted, and when; kept permanently, so that no late event creates the
 * person again.
 */
export function createTombstones(
  db: StateDb,
  system: System,
  hash: (identity: string) => string,
): Tombstones {
  const own = () => db.selectFrom(TABLE).where('system', '=', system)
  const count = (query: ReturnType<typeof own>): Promise<number> =>
    callPostgres(TABLE, 'find', async () => {
      const counted = await query
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow()
      return counted.count
    })

  return {
    async find(identity) {
      const found = await callPostgres(TABLE, 'find', () =>
        own().selectAll().where('hash', '=', hash(identity)).executeTakeFirst(),
      )
      return found === undefined ? null : tombstoneOf(found)
    },

    async findAll(identities) {
      const byHash = new Map(identities.map((identity) => [hash(identity), identity]))
      const found = await callPostgres(TABLE, 'find', () =>
        own()
          .selectAll()
          .where(sql<boolean>`hash = any (${[...byHash.keys()]}::text[])`)
          .execute(),
      )
      return new Map(found.map((row) => [byHash.get(row.hash) ?? '', tombstoneOf(row)]))
    },

    countSince: (since) => count(own().where('at', '>=', since)),

    countAccountsLeft: () =>
      callPostgres(TABLE, 'find', async () => {
        const { rows } = await sql<{ count: number }>`
          select count(*) from holdfast.tombstones t
          where t.system = ${system} and t.left_to <> '{}' and exists (
            select from unnest(t.left_to) as holder where not exists (
              select from holdfast.tombstones gone
              where gone.system = t.system and gone.hash = holder and gone.finished_at is not null
            )
          )`.execute(db)
        return rows[0]?.count ?? 0
      }),

    async set(identity, at, by = 'event') {
      await callPostgres(TABLE, 'update', () =>
        sql`
          insert into holdfast.tombstones as t (system, hash, at, by)
          values (${system}, ${hash(identity)}, ${at}, ${by})
          on conflict (system, hash) do update set at = greatest(t.at, excluded.at), finished_at = null
        `.execute(db),
      )
    },

    async finish(identity, erased, { unjudged = 0, leftTo = [] } = {}) {
      await callPostgres(TABLE, 'update', () =>
        sql`
          update holdfast.tombstones t set
            finished_at = now(),
            unjudged = coalesce(nullif(${unjudged}::int, 0), t.unjudged),
            left_to = t.left_to || array(
              select holder from unnest(${[...new Set(leftTo)]}::text[]) with ordinality as added (holder, n)
              where holder <> all (t.left_to) order by n
            ),
            erased = (
              select coalesce(jsonb_object_agg(store, total), '{}') from (
                select key as store, sum(value::bigint) as total from (
                  select * from jsonb_each_text(t.erased)
                  union all
                  select * from jsonb_each_text(${JSON.stringify(erased)}::jsonb)
                ) as each_count group by key
              ) as totals
            )
          where t.system = ${system} and t.hash = ${hash(identity)} and t.finished_at is null`.execute(db),
      )
    },

    async lift(identity, { at }) {
      await callPostgres(TABLE, 'delete', () =>
        db
          .deleteFrom(TABLE)
          .where('system', '=', system)
          .where('hash', '=', hash(identity))
          .where('at', '=', at)
          .where('finished_at', 'is not', null)
          .execute(),
      )
    },
  }
}

function tombstoneOf({ at, finished_at, erased, by, left_to }: Row): Tombstone {
  return { at, finishedAt: finished_at, erased, by: by as DeletedBy | null, leftTo: left_to }
}
