import type { ListedUser, UserList } from '../adapters/auth0-search.ts'
import type { Cursors } from '../adapters/mongo/cursors.ts'
import type { Quarantine, UnreadEntry } from '../adapters/mongo/quarantine.ts'
import type { SeenEvents } from '../adapters/mongo/seen-events.ts'
import type { Standing } from '../adapters/mongo/standing.ts'
import type { Signups } from '../client/signups.ts'
import type { TenantName } from '../config/tenants.ts'
import type { PersonNews } from '../contracts/intake.ts'
import type { Urgency } from '../contracts/priorities.ts'
import type { Logger } from '../logging.ts'
import { createDuplicates } from './duplicates.ts'
import { gatherNews } from './news.ts'
import { passOn } from './pass-on.ts'
import type { DeliveredEntry } from './read-delivery.ts'
import { sortEntries, type Sorted } from './sort-entries.ts'

/** An import runs for hours before it says that it is done. */
const IMPORT_MS = 3 * 3_600_000

export interface IntakeDeps {
  readonly signups: Pick<Signups, 'tell' | 'deleted' | 'ingest'>
  readonly seen: SeenEvents
  readonly standing: Standing
  readonly quarantine: Pick<Quarantine, 'keep'>
  readonly cursors: Pick<Cursors, 'lookAgain'>
  /** Names a person where no person may be named. */
  readonly hash: (value: string) => string
  readonly logger: Pick<Logger, 'warn'>
}

/** What became of a delivery, event by event, and how many people's signups were told. */
export interface Taken {
  readonly accepted: number
  readonly duplicates: number
  readonly ignored: number
  readonly quarantined: number
  readonly told: number
  /** Dates of the oldest and the newest entry, ISO 8601; null where none has one. */
  readonly oldest: string | null
  readonly newest: string | null
}

export interface Intake {
  /**
   * Takes what the provider says, by whichever way it comes. When it returns, every event is durable at Temporal or
   * known to have been so before, and every entry that cannot be read is kept aside. When it throws, the same entries
   * have to be brought again; what had been taken of them is not taken twice. Its ids are noted behind the answer.
   */
  take(tenant: TenantName, entries: readonly DeliveredEntry[], urgency: Urgency): Promise<Taken>
  /**
   * Takes what a list of users says, for those no event reported: newly `created` ones of whom we have no records,
   * `verified` ones who have no account. Each is told once for each time they changed. How many were told.
   */
  takeListed(tenant: TenantName, list: UserList, users: readonly ListedUser[]): Promise<number>
  /** Resolves when nothing is left to be noted: to be awaited before the database's connections are closed. */
  settled(): Promise<void>
}

/** The one door for the provider's events: webhook, catch-up and what returns from quarantine come in here. */
export function createIntake(deps: IntakeDeps): Intake {
  const { signups, seen, standing, quarantine, cursors, hash, logger } = deps
  const duplicated = createDuplicates(seen, logger)

  /** Who was only seen is news where we do not know them. A login of somebody known ends here, at no cost but the look. */
  const strangers = async (gathered: ReturnType<typeof gatherNews>): Promise<PersonNews[]> => {
    const onlySeen = gathered.filter((one) => one.onlySeen).map(({ news }) => news)
    const unknown = await standing.withoutRecords(onlySeen.map(({ identity }) => identity))
    return onlySeen.filter(({ identity }) => unknown.has(identity))
  }

  const keepAside = (tenant: string, unread: Sorted['unread']): Promise<void> =>
    quarantine.keep(unread.map((entry): UnreadEntry => ({ system: 'atproto', tenant, ...entry })))

  return {
    async take(tenant, entries, urgency) {
      const { events, imports, unread, ignored, duplicates, oldest, newest } = sortEntries(entries)
      const ids = [...events.filter(({ kind }) => kind !== 'seen'), ...imports].flatMap(
        ({ logId }) => logId ?? [],
      )
      const known = await duplicated.known(tenant.name, ids)
      const isNew = ({ logId }: { logId: string | null }): boolean =>
        logId === null || known?.has(logId) !== true
      const fresh = { events: events.filter(isNew), imports: imports.filter(isNew) }

      const gathered = gatherNews(tenant.idPrefix, fresh.events)
      const certain = gathered.filter(({ onlySeen }) => !onlySeen).map(({ news }) => news)
      const found = gathered.length === certain.length ? [] : strangers(gathered)
      await Promise.all([
        passOn(signups, tenant.name, certain, urgency),
        Promise.resolve(found).then((people) => passOn(signups, tenant.name, people, urgency)),
        keepAside(tenant.name, unread),
        ...fresh.imports.map(({ date }) =>
          cursors.lookAgain(
            tenant.name,
            new Date((date === null ? Date.now() : Date.parse(date)) - IMPORT_MS),
          ),
        ),
      ])
      if (known !== null)
        duplicated.note(
          tenant.name,
          ids.filter((id) => !known.has(id)),
        )

      const accepted = fresh.events.length + fresh.imports.length
      return {
        accepted,
        duplicates: duplicates + events.length + imports.length - accepted,
        ignored,
        quarantined: unread.length,
        told: certain.length + (await found).length,
        oldest,
        newest,
      }
    },

    async takeListed(tenant, list, users) {
      const people = users.map(({ userId, at }) => {
        const identity = tenant.idPrefix + userId
        return { identity, id: hash(`${list} ${identity} ${at}`) }
      })
      const identities = people.map(({ identity }) => identity)
      const lacking =
        list === 'created'
          ? await standing.withoutRecords(identities)
          : await standing.withoutAccount(identities)
      const incomplete = people.filter(({ identity }) => lacking.has(identity))
      const known = await seen.known(
        tenant.name,
        incomplete.map(({ id }) => id),
      )
      const fresh = incomplete.filter(({ id }) => !known.has(id))
      const news = fresh.map(({ identity }): PersonNews =>
        list === 'created' ? { identity } : { identity, hint: 'emailVerified' },
      )
      await passOn(signups, tenant.name, news, 'bulk')
      await seen.note(
        tenant.name,
        fresh.map(({ id }) => id),
      )
      return fresh.length
    },

    settled: () => duplicated.settled(),
  }
}
