import { sql } from 'kysely'
import type { ProfileTables } from '../../config/supabase/sections.ts'
import type { RecentSignups } from '../../domain/supabase/profile-alerts.ts'
import { callPostgres } from '../postgres/lib/errors.ts'
import { nameOf, tableOf, type ApplicationDb } from './catalog.ts'
import { detailsColumn, insertEvents, type ProfileEvent } from './events.ts'
import { callForProfiles } from './profile-errors.ts'
import { lacksMetadata, OWES_PROFILE, profileValues } from './profile-values.ts'
import { createTables } from './tables.ts'
import { isoOf, USERS } from './users.ts'

/** The greatest uuid: a place after every user of that time. */
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

type Row = Readonly<Record<string, unknown>>

/** A place in the users, in the order in which they were created; `createdAt` has microseconds. */
export interface UsersPlace {
  readonly createdAt: string
  readonly id: string
}

/** Users without a profile in one part of all users. */
export interface LackingUsers {
  readonly users: readonly UsersPlace[]
  /** The place up to which all users were seen. */
  readonly upTo: UsersPlace
  /** Whether that is the end: only users within the grace period follow. */
  readonly caughtUp: boolean
}

/** The profiles, and the events beside them. */
export interface Profiles {
  /** The user's profile as it is stored; null without one. */
  profile(id: string): Promise<{ readonly email: string | null; readonly row: Row } | null>
  /** Whether a column that is filled from metadata would get nothing from the user's; false for an unknown user. */
  lacksMetadata(id: string): Promise<boolean>
  /** The user's events, the newest last, at most a hundred. */
  eventsOf(id: string): Promise<readonly Row[]>
  /**
   * Creates the profiles of those of the users who owe one and have none, in one statement, with one event of each type
   * for each profile made. Returns whose were made. A profile that is there is left as it is.
   */
  createProfiles(ids: readonly string[], events: readonly ProfileEvent[]): Promise<string[]>
  /** Records once for each reason that a profile was refused. */
  recordRefusal(id: string, detail: Readonly<Record<string, string>>): Promise<void>
  /** Those of the users who owe a profile and have none. */
  withoutProfile(ids: readonly string[]): Promise<string[]>
  /** Users after a place and older than the grace period: those who owe a profile and have none. */
  lackingAfter(place: UsersPlace, graceMs: number, limit: number): Promise<LackingUsers>
  /** Users of the last hours, a day by default, who owe a profile and are older than the grace period. */
  signupHealth(graceMs: number, windowHours?: number): Promise<RecentSignups>
  countProfiles(): Promise<number>
  /** Throws `profile-column-unknown` where the table lacks a column of the mapping. */
  checkColumns(): Promise<void>
}

export function createProfiles(db: ApplicationDb, tables: ProfileTables): Profiles {
  const table = nameOf(tables.profiles)
  const profiles = tableOf(tables.profiles)
  const id = (of: string) => sql.id(of, tables.mapping.idColumn)
  const { load, forget } = createTables(db, tables)
  const create: Profiles['createProfiles'] = async (ids, types) => {
    const known = await load()
    const { columns, values } = profileValues(tables, known.profiles)
    const made = sql`
      insert into ${profiles} (${sql.join(columns.map((name) => sql.id(name)))})
      select ${sql.join(values)} from holdfast.auth_users u
       where u.id = any(${[...ids]}::uuid[]) and ${OWES_PROFILE} and ${known.lacksProfile}
       order by u.id
      on conflict (${sql.id(tables.mapping.idColumn)}) do nothing
      returning ${sql.id(tables.mapping.idColumn)}::text as id`
    const noted =
      known.events === null
        ? sql``
        : sql`, noted as (${insertEvents(known.events.of, known.events.columns, {
            types,
            details: {},
            user: sql`made.id`,
            from: sql`made`,
          })})`
    return callForProfiles(tables, async () => {
      const { rows } = await sql<{ id: string }>`with made as (${made}) ${noted} select id from made`.execute(
        db,
      )
      return rows.map((row) => row.id)
    })
  }
  return {
    profile: (user) =>
      callPostgres(table, 'find', async () => {
        await load()
        const { emailColumn } = tables.mapping
        const email = emailColumn === null ? sql`null` : sql`${sql.id('p', emailColumn)}::text`
        const { rows } = await sql<{ email: string | null; row: Row }>`
          select ${email} as email, to_jsonb(p) as row from ${profiles} p where ${id('p')}::text = ${user}`.execute(
          db,
        )
        return rows[0] ?? null
      }),

    lacksMetadata: (user) =>
      callPostgres(USERS, 'find', async () => {
        const { rows } = await sql<{ lacks: boolean }>`
          select ${lacksMetadata(tables.mapping)} as lacks from holdfast.auth_users u where u.id = ${user}::uuid`.execute(
          db,
        )
        return rows[0]?.lacks === true
      }),

    async eventsOf(user) {
      const { events } = await load()
      if (events === null) return []
      return callPostgres(nameOf(events.of), 'find', async () => {
        const { rows } = await sql<{ row: Row }>`
          select to_jsonb(e) as row from ${tableOf(events.of)} e where e.user_id::text = ${user} limit 100`.execute(
          db,
        )
        return rows.map(({ row }) => row).toSorted((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1))
      })
    },

    async createProfiles(ids, types) {
      try {
        return await create(ids, types)
      } catch (error) {
        forget()
        throw error
      }
    },

    async recordRefusal(user, detail) {
      const { events } = await load()
      if (events === null) return
      const column = detailsColumn(events.columns)
      const stated = JSON.stringify({ source: 'holdfast', ...detail })
      const same = column === null ? sql`` : sql`and e.${sql.id(column.name)}::jsonb = ${stated}::jsonb`
      const insert = insertEvents(events.of, events.columns, {
        types: ['profile_bootstrap_error'],
        details: detail,
        user: sql`refused.id`,
        from: sql`(select ${user}::text as id where not exists (
          select from ${tableOf(events.of)} e
           where e.user_id::text = ${user} and e.event_type = 'profile_bootstrap_error' ${same})) as refused`,
      })
      await callPostgres(nameOf(events.of), 'insert', () => insert.execute(db))
    },

    async withoutProfile(ids) {
      if (ids.length === 0) return []
      const { lacksProfile } = await load()
      return callPostgres(USERS, 'find', async () => {
        const { rows } = await sql<{ id: string }>`
          select u.id::text as id from holdfast.auth_users u
           where u.id = any(${[...ids]}::uuid[]) and ${OWES_PROFILE} and ${lacksProfile}`.execute(db)
        return rows.map((row) => row.id)
      })
    },

    async lackingAfter(place, graceMs, limit) {
      const { lacksProfile } = await load()
      return callPostgres(USERS, 'find', async () => {
        const { rows: clock } = await sql<{ until: string }>`
          select ${isoOf(sql`now() - ${graceMs}::float8 * interval '1 millisecond'`)} as until`.execute(db)
        const until = clock[0]?.until ?? place.createdAt
        const { rows: users } = await sql<UsersPlace>`
          select ${isoOf(sql`u.created_at`)} as "createdAt", u.id::text as id from holdfast.auth_users u
           where (u.created_at, u.id) > (${place.createdAt}::timestamptz, ${place.id}::uuid)
             and u.created_at <= ${until}::timestamptz and ${OWES_PROFILE} and ${lacksProfile}
           order by u.created_at, u.id limit ${limit}`.execute(db)
        const last = users.at(-1)
        if (users.length === limit && last !== undefined) return { users, upTo: last, caughtUp: false }
        return {
          users,
          upTo: until > place.createdAt ? { createdAt: until, id: LAST_ID } : place,
          caughtUp: true,
        }
      })
    },

    async signupHealth(graceMs, windowHours = 24) {
      const { lacksProfile } = await load()
      return callPostgres(USERS, 'find', async () => {
        const { rows } = await sql<RecentSignups>`
          select count(*) as signups, count(*) filter (where lacking) as missing,
                 count(*) filter (where lacking and created_at > now() - interval '1 hour') as "missingLately",
                 ${isoOf(sql`min(created_at) filter (where lacking)`)} as since
            from (select u.created_at, ${lacksProfile} as lacking from holdfast.auth_users u
                   where u.created_at > now() - ${windowHours}::float8 * interval '1 hour'
                     and u.created_at <= now() - ${graceMs}::float8 * interval '1 millisecond' and ${OWES_PROFILE}) recent`.execute(
          db,
        )
        return rows[0] ?? { signups: 0, missing: 0, missingLately: 0, since: null }
      })
    },

    async checkColumns() {
      profileValues(tables, (await load()).profiles)
    },

    countProfiles: () =>
      callPostgres(table, 'find', async () => {
        await load()
        const { rows } = await sql<{ count: number }>`select count(*) as count from ${profiles}`.execute(db)
        return rows[0]?.count ?? 0
      }),
  }
}

function timeOf(row: Row): string {
  const time = row['created_at']
  return typeof time === 'string' ? time : ''
}
