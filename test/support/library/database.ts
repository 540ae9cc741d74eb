import { DatabaseError, Pool, type QueryResult } from 'pg'
import { OutsideError } from '../../../src/domain/outside-error.ts'

/** A member as the library's front desk, the identity provider, knows them. */
export interface Member {
  readonly id: string
  readonly confirmed: boolean
  readonly signedUpAt: Date
  /** The front desk has reserved a number for their card. */
  readonly reserved: boolean
  /** Microseconds, as text. */
  readonly changedAt: string
}

/** One page of the members, in the order in which they changed. */
export interface MembersPage {
  readonly members: readonly Member[]
  /** The place after the last of them, as JSON; null where there was none. */
  readonly next: { readonly changedAt: string; readonly id: string } | null
}

/** The two tables of the library: `members`, the provider's, and `cards`, the records each member must own. */
export interface Library {
  ping(): Promise<void>
  member(id: string): Promise<Member | null>
  membersAfter(place: MembersPage['next'], limit: number): Promise<MembersPage>
  /** The ids of the members who signed up last. */
  newest(count: number): Promise<string[]>
  /** Those of them who have no card. */
  withoutCard(memberIds: readonly string[]): Promise<string[]>
  card(memberId: string): Promise<string | null>
  /** Issues the member's card once; returns its number. */
  ensureCard(memberId: string): Promise<string>
  removeCard(memberId: string): Promise<number>
  memberOfCard(number: string): Promise<string | null>
  /** The members who have a card, in order, after that one. */
  cardHolders(after: string, limit: number): Promise<string[]>
  /** Issues the cards of these members under the numbers reserved for them, where they have none. */
  issueReserved(memberIds: readonly string[]): Promise<void>
  /** Those of them who have a card and are no members. */
  unowned(memberIds: readonly string[]): Promise<string[]>
  /** Removes the cards of those of them who are no members. */
  removeUnowned(memberIds: readonly string[]): Promise<void>
  count(): Promise<{ members: number; cards: number }>
  close(): Promise<void>
}

export const SCHEMA = `
  create table if not exists members (
    id text collate "C" primary key,
    confirmed boolean not null default true,
    signed_up_at timestamptz not null default now(),
    changed_at timestamptz not null default clock_timestamp(),
    reserved_number text
  );
  create index if not exists members_changed_at on members (changed_at, id);
  create table if not exists cards (
    member_id text collate "C" primary key,
    number text not null unique default 'C' || substr(md5(random()::text), 1, 10) check (number like 'C%')
  );
`

const MEMBER = `id, confirmed, signed_up_at, reserved_number is not null as reserved,
  to_char(changed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as changed`

export function openLibrary(url: string): Library {
  const pool = new Pool({
    connectionString: url,
    max: 4,
    connectionTimeoutMillis: 2_000,
    query_timeout: 5_000,
    allowExitOnIdle: true, // so that a command that is done ends
  })
  pool.on('error', () => {}) // an idle connection that ends is replaced
  // The same for one in use, whose query fails by itself: without a listener the event would end the process.
  pool.on('connect', (client) => client.on('error', () => {}))
  const rows = async <T extends object>(text: string, values: readonly unknown[] = []): Promise<T[]> => {
    try {
      return (await queryOn(pool, text, values)).rows as T[]
    } catch (error) {
      const answer = error instanceof DatabaseError ? `SQLSTATE ${error.code}` : 'no answer'
      const isRefusal = error instanceof DatabaseError && error.code?.startsWith('23') === true
      throw new OutsideError(
        isRefusal ? 'library-refused' : 'library-unreachable',
        `the library's database failed: ${answer}`,
        {
          detail: { answer },
          refusesRecord: isRefusal,
          cause: error,
        },
      )
    }
  }
  const first = async <T extends object>(text: string, values: readonly unknown[] = []): Promise<T | null> =>
    (await rows<T>(text, values))[0] ?? null
  return {
    async ping() {
      await rows('select 1')
    },
    async member(id) {
      const found = await first<MemberRow>(`select ${MEMBER} from members where id = $1`, [id])
      return found === null ? null : memberOf(found)
    },
    async membersAfter(place, limit) {
      const found = await rows<MemberRow>(
        `select ${MEMBER} from members where (changed_at, id) > ($1::timestamptz, $2)
         order by changed_at, id limit $3`,
        [place?.changedAt ?? '-infinity', place?.id ?? '', limit],
      )
      const last = found.at(-1)
      return {
        members: found.map(memberOf),
        next: last === undefined ? null : { changedAt: last.changed, id: last.id },
      }
    },
    async newest(count) {
      const found = await rows<{ id: string }>(
        'select id from members order by signed_up_at desc, id limit $1',
        [count],
      )
      return found.map(({ id }) => id)
    },
    async withoutCard(memberIds) {
      const found = await rows<{ id: string }>(
        'select id from unnest($1::text[]) as id where not exists (select 1 from cards where member_id = id)',
        [memberIds],
      )
      return found.map(({ id }) => id)
    },
    async card(memberId) {
      const found = await first<{ number: string }>('select number from cards where member_id = $1', [
        memberId,
      ])
      return found?.number ?? null
    },
    async ensureCard(memberId) {
      const issued = await first<{ number: string }>(
        `insert into cards (member_id) values ($1)
         on conflict (member_id) do update set member_id = excluded.member_id returning number`,
        [memberId],
      )
      if (issued === null) throw new Error('an insert that returns a row returned none')
      return issued.number
    },
    async removeCard(memberId) {
      return (await rows('delete from cards where member_id = $1 returning 1', [memberId])).length
    },
    async memberOfCard(number) {
      const found = await first<{ member_id: string }>('select member_id from cards where number = $1', [
        number,
      ])
      return found?.member_id ?? null
    },
    async cardHolders(after, limit) {
      const found = await rows<{ member_id: string }>(
        'select member_id from cards where member_id > $1 order by member_id limit $2',
        [after, limit],
      )
      return found.map(({ member_id }) => member_id)
    },
    async issueReserved(memberIds) {
      await rows(
        `insert into cards (member_id, number)
         select id, reserved_number from members where id = any($1) and reserved_number is not null
         on conflict (member_id) do nothing`,
        [memberIds],
      )
    },
    async unowned(memberIds) {
      const found = await rows<{ member_id: string }>(
        `select member_id from cards
         where member_id = any($1) and not exists (select 1 from members where id = member_id)`,
        [memberIds],
      )
      return found.map(({ member_id }) => member_id)
    },
    async removeUnowned(memberIds) {
      await rows(
        `delete from cards
         where member_id = any($1) and not exists (select 1 from members where id = member_id)`,
        [memberIds],
      )
    },
    async count() {
      const found = await first<{ members: number; cards: number }>(
        'select (select count(*)::int from members) as members, (select count(*)::int from cards) as cards',
      )
      return found ?? { members: 0, cards: 0 }
    },
    close: () => pool.end(),
  }
}

/**
 * Runs one statement. A refusal leaves its connection usable, and a backfill may meet thousands of them: `pool.query`
 * would close it and open another.
 */
async function queryOn(pool: Pool, text: string, values: readonly unknown[]): Promise<QueryResult> {
  const client = await pool.connect()
  let broken = false
  try {
    return await client.query(text, [...values])
  } catch (error) {
    broken = !(error instanceof DatabaseError && error.severity === 'ERROR')
    throw error
  } finally {
    client.release(broken)
  }
}

interface MemberRow {
  readonly id: string
  readonly confirmed: boolean
  readonly signed_up_at: Date
  readonly reserved: boolean
  readonly changed: string
}

function memberOf({ id, confirmed, signed_up_at, reserved, changed }: MemberRow): Member {
  return { id, confirmed, signedUpAt: signed_up_at, reserved, changedAt: changed }
}
