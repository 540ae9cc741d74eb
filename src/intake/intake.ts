import type { ListedUser, UserList } from '../adapters/auth0/search.ts'
import type { SafetyLimits } from '../state/mongo/safety-limits.ts'
import type { Cursors } from '../state/mongo/cursors.ts'
import type { PersonMemory } from '../state/mongo/person-memory.ts'
import type { NotedEvents } from '../state/mongo/events/noted-events.ts'
import type { Quarantine, UnreadableEntry } from '../state/mongo/quarantine/quarantine.ts'
import type { SeenEvents } from '../state/mongo/events/seen-events.ts'
import type { MissingRecords } from '../adapters/mongo/missing-records.ts'
import type { Tombstones } from '../state/mongo/tombstones.ts'
import type { Signups } from '../client/signups.ts'
import type { TenantName } from '../config/atproto/tenants.ts'
import type { PersonUpdate } from '../contracts/intake.ts'
import type { System } from '../contracts/systems.ts'
import type { Urgency } from '../contracts/priorities.ts'
import { clampedDate } from '../domain/external-date.ts'
import { OutsideError } from '../domain/outside-error.ts'
import type { RawEntry } from '../domain/events/raw-entry.ts'
import type { Logger } from '../logging.ts'
import { idDefect } from '../domain/identity.ts'
import { createDuplicates } from './duplicates.ts'
import { foreignTenantDefect } from './atproto/foreign-tenant.ts'
import { groupByPerson, type PersonGroup } from './person-groups.ts'
import { dispatch } from './dispatch.ts'
import { sortEntries, type SortedEntries } from './sort-entries.ts'

/** An import runs for hours before its event is written. */
const IMPORT_MS = 3 * 3_600_000

export interface IntakeDeps {
  readonly system: System
  readonly signups: Pick<Signups, 'notify' | 'requestDeletion' | 'ingest'>
  readonly seenEvents: SeenEvents
  readonly missingRecords: MissingRecords
  /** The remembered people: if one lacks a record, it was lost. */
  readonly personMemory: Pick<PersonMemory, 'loadMany'>
  readonly safetyLimits: Pick<SafetyLimits, 'admitAll'>
  readonly quarantine: Pick<Quarantine, 'store'>
  readonly notedEvents: Pick<NotedEvents, 'record'>
  /** Deleted people: no mail event is recorded for them. */
  readonly tombstones: Pick<Tombstones, 'findAll'>
  readonly cursors: Pick<Cursors, 'rescanUsersFrom' | 'servedSince'>
  readonly tenants: readonly TenantName[]
  /** The keyed hash of a person's id, for places that may not name a person. */
  readonly hash: (value: string) => string
  readonly logger: Pick<Logger, 'warn'>
}

/** The result of a delivery, by event, and the number of notified signups. */
export interface IntakeResult {
  readonly accepted: number
  readonly duplicates: number
  readonly ignored: number
  readonly quarantined: number
  readonly notified: number
  /** Dates of the oldest and the newest entry, ISO 8601; null where none has one. */
  readonly oldest: string | null
  readonly newest: string | null
}

export interface Intake {
  /**
   * Takes the provider's events, from every source. When it returns, every event is durable at Temporal or known to
   * have been so before, and every unreadable entry is quarantined. When it throws, the same entries have to be taken
   * again; those already taken have no second effect. The ids are recorded after the answer.
   */
  take(tenant: TenantName, entries: readonly RawEntry[], urgency: Urgency): Promise<IntakeResult>
  /**
   * Takes users from a list, for whom no event arrived: newly `created` ones without records, `verified` ones without
   * an account. Each user is notified once per change. Returns the number of notified users. A user whose id cannot be
   * used is quarantined.
   */
  takeListed(tenant: TenantName, list: UserList, users: readonly ListedUser[]): Promise<number>
  /** Resolves when all ids are recorded: to be awaited before the database's connections are closed. */
  flush(): Promise<void>
}

/** The only entry for the provider's events, whether from the webhook, from catch-up or from quarantine. */
export function createIntake(deps: IntakeDeps): Intake {
  const {
    system,
    signups,
    seenEvents,
    missingRecords,
    personMemory,
    safetyLimits,
    quarantine,
    notedEvents,
    cursors,
    tenants,
    hash,
    logger,
  } = deps
  const { tombstones } = deps
  const duplicated = createDuplicates(seenEvents, logger)

  /** A login matters only for a person without records. A known person's login ends here, at the cost of one query. */
  const withoutRecords = async (gathered: ReturnType<typeof groupByPerson>): Promise<PersonUpdate[]> => {
    const onlySeen = gathered.filter((one) => one.onlySeen).map(({ news }) => news)
    const unknown = await missingRecords.withoutRecords(onlySeen.map(({ identity }) => identity))
    await admitLost([...unknown], 'records')
    return onlySeen.filter(({ identity }) => unknown.has(identity))
  }

  /** Null while it cannot be read: then no event counts as older than the installation, and signups need not wait. */
  const begunAt = async (tenant: string): Promise<Date | null> => {
    try {
      return await cursors.servedSince(tenant)
    } catch (error) {
      if (!(error instanceof OutsideError)) throw error
      return null
    }
  }

  /**
   * Lost records of people in one delivery are repaired together or not at all. The signups are started in either case:
   * those that are held show it.
   */
  const admitLost = async (identities: readonly string[], lacks: 'records' | 'account'): Promise<void> => {
    if (identities.length === 0) return
    const remembered = [...(await personMemory.loadMany(identities))]
    // A person who never had an account has not lost one.
    const lost = remembered.flatMap(([identity, { account }]) =>
      lacks === 'records' || account !== null ? [identity] : [],
    )
    if (lost.length > 0)
      await safetyLimits.admitAll('repairs', lost.map(hash), lacks === 'records' ? 'user record' : lacks)
  }

  const storeUnreadable = async (tenant: string, unread: SortedEntries['unread']): Promise<void> => {
    const { notStored } = await quarantine.store(
      unread.map((entry): UnreadableEntry => ({ system, tenant, ...entry })),
    )
    if (notStored > 0)
      logger.warn(
        { tenant, notStored },
        'unreadable entries were counted but not stored: the daily limit is reached',
      )
  }

  /** No signup depends on these events, so a failure to count them must not make Auth0 repeat the delivery. */
  const note = async ({ name, idPrefix }: TenantName, noted: SortedEntries['noted']): Promise<void> => {
    if (noted.length === 0) return
    try {
      const mailed = noted.flatMap(({ mailOf }) => (mailOf === null ? [] : [idPrefix + mailOf]))
      const deleted = mailed.length === 0 ? new Map() : await tombstones.findAll(mailed)
      const identityOf = (mailOf: string | null): string | null =>
        mailOf === null || deleted.has(idPrefix + mailOf) ? null : idPrefix + mailOf
      await notedEvents.record(
        name,
        noted.map(({ code, mailOf, date, logId }) => ({
          code,
          identity: identityOf(mailOf),
          at: date,
          logId,
        })),
      )
    } catch (error) {
      if (!(error instanceof OutsideError)) throw error
      logger.warn(
        { err: error, tenant: name, events: noted.length },
        'events that need action could not be counted',
      )
    }
  }

  return {
    async take(tenant, entries, urgency) {
      const arrivedAt = new Date()
      const clamped = (date: string | null): string | null =>
        clampedDate(date, arrivedAt)?.toISOString() ?? null
      const { events, imports, unread, ignored, noted, duplicates, oldest, newest } = await sortEntries(
        entries,
        { tenant, tenants },
      )
      const idsOf = (of: readonly { readonly logId: string | null }[]) =>
        of.flatMap(({ logId }) => logId ?? [])
      const ids = idsOf([...events.filter(({ kind }) => kind !== 'seen'), ...imports])
      const logins = idsOf(events.filter(({ kind }) => kind === 'seen'))
      const known = await duplicated.known(tenant.name, ids)
      const knownLogins = duplicated.knownLogins(tenant.name, logins)
      const isNew = ({ logId }: { logId: string | null }): boolean =>
        logId === null || (known?.has(logId) !== true && !knownLogins.has(logId))
      const fresh = { events: events.filter(isNew), imports: imports.filter(isNew) }

      const gathered = withoutDatesBefore(
        groupByPerson(tenant.idPrefix, fresh.events, arrivedAt),
        await begunAt(tenant.name),
      )
      const certain = gathered.filter(({ onlySeen }) => !onlySeen).map(({ news }) => news)
      const found = gathered.length === certain.length ? [] : withoutRecords(gathered)
      await Promise.all([
        dispatch(signups, tenant.name, certain, urgency),
        Promise.resolve(found).then((unknown) => dispatch(signups, tenant.name, unknown, urgency)),
        storeUnreadable(tenant.name, unread),
        note(tenant, noted),
        ...fresh.imports.map(({ date }) =>
          cursors.rescanUsersFrom(
            tenant.name,
            new Date((clampedDate(date, arrivedAt) ?? arrivedAt).getTime() - IMPORT_MS),
          ),
        ),
      ])
      if (known !== null)
        duplicated.record(
          tenant.name,
          ids.filter((id) => !known.has(id)),
        )

      duplicated.recordLogins(tenant.name, logins)

      const accepted = fresh.events.length + fresh.imports.length
      return {
        accepted,
        duplicates: duplicates + events.length + imports.length - accepted,
        ignored,
        quarantined: unread.length,
        notified: certain.length + (await found).length,
        oldest: clamped(oldest),
        newest: clamped(newest),
      }
    },

    async takeListed(tenant, list, users) {
      const wrongWith = (userId: string): string | null =>
        idDefect(userId) ?? foreignTenantDefect(userId, { tenant, tenants })
      const refused = users.flatMap(({ userId }) => {
        const wrong = wrongWith(userId)
        if (wrong === null) return []
        const content = JSON.stringify({ listed: list, user_id: userId })
        return [{ content, original: null, reason: `a listed user whose user_id ${wrong}` }]
      })
      if (refused.length > 0) await storeUnreadable(tenant.name, refused)
      const usable = users.filter(({ userId }) => wrongWith(userId) === null)
      const named = usable.map(({ userId, at }) => {
        const identity = tenant.idPrefix + userId
        return { identity, id: hash(`${list} ${identity} ${at}`) }
      })
      const identities = named.map(({ identity }) => identity)
      const lacking =
        list === 'created'
          ? await missingRecords.withoutRecords(identities)
          : await missingRecords.withoutAccount(identities)
      const incomplete = named.filter(({ identity }) => lacking.has(identity))
      const known = await seenEvents.known(
        tenant.name,
        incomplete.map(({ id }) => id),
      )
      const fresh = incomplete.filter(({ id }) => !known.has(id))
      const news = fresh.map(({ identity }): PersonUpdate =>
        list === 'created' ? { identity } : { identity, hint: 'emailVerified' },
      )
      await admitLost(
        news.map(({ identity }) => identity),
        list === 'created' ? 'records' : 'account',
      )
      await dispatch(signups, tenant.name, news, 'bulk')
      await seenEvents.record(
        tenant.name,
        fresh.map(({ id }) => id),
      )
      return fresh.length
    },

    flush: () => duplicated.flush(),
  }
}

/**
 * A signup from before Holdfast was installed may be that of a person who has been deleted since, so its date is
 * omitted, which makes the workflow query the provider first.
 */
function withoutDatesBefore(gathered: readonly PersonGroup[], begunAt: Date | null): PersonGroup[] {
  return gathered.map((one) => {
    const { signedUpAt, ...news } = one.news
    const old = signedUpAt !== undefined && begunAt !== null && Date.parse(signedUpAt) < begunAt.getTime()
    return old ? { ...one, news } : one
  })
}
