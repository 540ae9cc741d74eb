import type { Pool } from 'pg'

/** The mark of a reserved number that the database refuses while `refuseMarked` is in force. */
const MARK = '-void'

/** How many there are of each kind. */
export interface Population {
  /** Confirmed members whose number is reserved and whose card was not issued. */
  readonly reserved: number
  /** Every so many-th of them has a number that the database refuses. */
  readonly refusedEvery: number
  /** Confirmed members without a card and without a number. */
  readonly unreserved: number
  /** Cards without a member. */
  readonly unowned: number
}

/** Creates a population of the library by one statement for each table; everybody signed up yesterday. */
export async function populate(
  db: Pool,
  { reserved, refusedEvery, unreserved, unowned }: Population,
): Promise<void> {
  await db.query(
    `insert into members (id, signed_up_at, reserved_number)
     select 'm-' || lpad(to_hex(n * 16), 8, '0'), now() - interval '1 day',
       case when n <= $1::int then 'C' || n || case when n % $2::int = 0 then '${MARK}' else '' end end
     from generate_series(1, $1::int + $3::int) as n`,
    [reserved, refusedEvery, unreserved],
  )
  await db.query(
    `insert into cards (member_id) select 'm-' || lpad(to_hex(n * 16 + 1), 8, '0') from generate_series(1, $1::int) as n`,
    [unowned],
  )
  await db.query('analyze members, cards')
}

/** From now on the database refuses a card with a marked number, and names neither it nor the member. */
export async function refuseMarked(db: Pool): Promise<void> {
  await db.query(`
    create function refuse_marked() returns trigger language plpgsql as $$ begin
      if new.number like '%${MARK}' then
        raise exception 'a card is refused' using errcode = 'check_violation';
      end if;
      return new;
    end $$;
    create trigger refuse_marked before insert on cards for each row execute function refuse_marked()`)
}

export async function acceptMarked(db: Pool): Promise<void> {
  await db.query('drop trigger refuse_marked on cards')
}

/** Records from now on each card that is issued, so that one issued twice is seen. */
export async function recordIssues(db: Pool): Promise<void> {
  await db.query(`
    create table issues (member_id text collate "C" not null);
    create function record_issue() returns trigger language plpgsql as $$ begin
      insert into issues values (new.member_id);
      return null;
    end $$;
    create trigger record_issue after insert on cards for each row execute function record_issue()`)
}

/** The counts of the population in the tables. */
export interface Issued {
  /** Cards under the number that was reserved for their member. */
  readonly reserved: number
  /** Of them, those whose number is marked. */
  readonly marked: number
  /** Cards of members without a reserved number. */
  readonly others: number
  readonly unowned: number
  /** Cards that were issued more than once. */
  readonly twice: number
}

export async function issuedCards(db: Pool): Promise<Issued> {
  const { rows } = await db.query<Issued>(`
    select count(*) filter (where number = reserved_number)::int as reserved,
      count(*) filter (where number = reserved_number and number like '%${MARK}')::int as marked,
      count(*) filter (where id is not null and reserved_number is null)::int as others,
      count(*) filter (where id is null)::int as unowned,
      (select count(*) - count(distinct member_id) from issues)::int as twice
    from cards left join members on id = member_id`)
  const [found] = rows
  if (found === undefined) throw new Error('a count has no row')
  return found
}

/** The members whose number the database refuses, in order. */
export async function markedMembers(db: Pool): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select id from members where reserved_number like '%${MARK}' order by id`,
  )
  return rows.map(({ id }) => id)
}
