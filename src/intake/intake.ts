import type { Signups } from '../client/signups.ts'
import type { PersonUpdate } from '../contracts/intake.ts'
import type { Urgency } from '../contracts/priorities.ts'
import { clampedDate } from '../domain/external-date.ts'
import { OutsideError } from '../domain/outside-error.ts'
import type { RawEntry } from '../domain/events/raw-entry.ts'
import type { Logger } from '../logging.ts'
import { createDuplicates } from './duplicates.ts'
import { groupByPerson, type PersonGroup } from './person-groups.ts'
import { dispatch } from './dispatch.ts'
import type { EventReader } from './read-news.ts'
import { sortEntries, type SortedEntries, type UnreadEntry } from './sort-entries.ts'
import type { Cursors } from '../state/ports/cursors.ts'
import type { NotedEvents } from '../state/ports/noted-events.ts'
import type { Quarantine, UnreadableEntry } from '../state/ports/quarantine.ts'
import type { SeenEvents } from '../state/ports/seen-events.ts'
import type { Tombstones } from '../state/ports/tombstones.ts'

/** The system's answers about its provider's events. */
export interface SystemNews {
  readonly readEvent: EventReader
  /**
   * Those of the people whose records are not complete: an event that only shows that a person exists matters for them
   * alone.
   */
  incomplete(identities: readonly string[]): Promise<ReadonlySet<string>>
  /** Makes the next catch-up read from an earlier time, since an event of that time names nobody. */
  rescanFrom(tenant: string, from: Date): Promise<void>
}

export interface IntakeDeps {
  readonly news: SystemNews
  readonly signups: Pick<Signups, 'notify' | 'requestDeletion' | 'ingest'>
  readonly seenEvents: SeenEvents
  readonly quarantine: Pick<Quarantine, 'store'>
  readonly notedEvents: Pick<NotedEvents, 'record'>
  /** Deleted people: no mail event is recorded for them. */
  readonly tombstones: Pick<Tombstones, 'findAll'>
  readonly cursors: Pick<Cursors, 'servedSince'>
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

/** A person whom a list of the provider's shows, and whose records are not complete. */
export interface ListedPerson {
  readonly identity: string
  /** The id of the change that the list shows: each change notifies once. It names nobody. */
  readonly changeId: string
  readonly hint?: PersonUpdate['hint']
}

export interface Intake {
  /**
   * Takes the provider's events, from every source. When it returns, every event is durable at Temporal or known to
   * have been so before, and every unreadable entry is quarantined. When it throws, the same entries have to be taken
   * again; those already taken have no second effect. The ids are recorded after the answer.
   */
  take(tenant: string, entries: readonly RawEntry[], urgency: Urgency): Promise<IntakeResult>
  /**
   * Takes people from a list, for whom no event arrived. Each is notified once per change; returns how many were.
   * `admit` is called before they are, for those who are.
   */
  takeListed(
    tenant: string,
    people: readonly ListedPerson[],
    admit: (identities: readonly string[]) => Promise<void>,
  ): Promise<number>
  /** Quarantines what cannot be read. */
  refuse(tenant: string, unread: readonly UnreadEntry[]): Promise<void>
  /** Resolves when all ids are recorded: to be awaited before the database's connections are closed. */
  flush(): Promise<void>
}

/** The only entry for the provider's events, whether from the webhook, from catch-up or from quarantine. */
export function createIntake(deps: IntakeDeps): Intake {
  const { news, signups, seenEvents, quarantine, notedEvents, tombstones, cursors, logger } = deps
  const duplicated = createDuplicates(seenEvents, logger)

  /** A login matters only for a person without records. A known person's login ends here, at the cost of one query. */
  const withoutRecords = async (gathered: readonly PersonGroup[]): Promise<PersonUpdate[]> => {
    const onlySeen = gathered.filter((one) => one.onlySeen).map((one) => one.news)
    const incomplete = await news.incomplete(onlySeen.map(({ identity }) => identity))
    return onlySeen.filter(({ identity }) => incomplete.has(identity))
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

  const refuse: Intake['refuse'] = async (tenant, unread) => {
    const { notStored } = await quarantine.store(
      unread.map((entry): UnreadableEntry => ({ tenant, ...entry })),
    )
    if (notStored > 0)
      logger.warn(
        { tenant, notStored },
        'unreadable entries were counted but not stored: the daily limit is reached',
      )
  }

  /** No signup depends on these events, so a failure to count them must not make the provider repeat the delivery. */
  const note = async (tenant: string, events: SortedEntries['noted']): Promise<void> => {
    if (events.length === 0) return
    try {
      const mailed = events.flatMap(({ noted }) => noted?.identity ?? [])
      const deleted = mailed.length === 0 ? new Map() : await tombstones.findAll(mailed)
      await notedEvents.record(
        tenant,
        events.flatMap(({ noted, date, eventId }) => {
          if (noted === null) return []
          const { code, identity } = noted
          const named = identity === null || deleted.has(identity) ? null : identity
          return [{ code, identity: named, at: date, logId: eventId }]
        }),
      )
    } catch (error) {
      if (!(error instanceof OutsideError)) throw error
      logger.warn(
        { err: error, tenant, events: events.length },
        'events that need action could not be counted',
      )
    }
  }

  return {
    async take(tenant, entries, urgency) {
      const arrivedAt = new Date()
      const clamped = (date: string | null): string | null =>
        clampedDate(date, arrivedAt)?.toISOString() ?? null
      const { events, unnamed, unread, ignored, noted, duplicates, oldest, newest } = await sortEntries(
        entries,
        tenant,
        news.readEvent,
      )
      const idsOf = (of: readonly { readonly eventId: string | null }[]) =>
        of.flatMap(({ eventId }) => eventId ?? [])
      const ids = idsOf([...events.filter(({ kind }) => kind !== 'seen'), ...unnamed])
      const logins = idsOf(events.filter(({ kind }) => kind === 'seen'))
      const known = await duplicated.known(tenant, ids)
      const knownLogins = duplicated.knownLogins(tenant, logins)
      const isNew = ({ eventId }: { eventId: string | null }): boolean =>
        eventId === null || (known?.has(eventId) !== true && !knownLogins.has(eventId))
      const fresh = { events: events.filter(isNew), unnamed: unnamed.filter(isNew) }

      const gathered = withoutDatesBefore(groupByPerson(fresh.events, arrivedAt), await begunAt(tenant))
      const certain = gathered.filter(({ onlySeen }) => !onlySeen).map((one) => one.news)
      const found = gathered.length === certain.length ? [] : withoutRecords(gathered)
      await Promise.all([
        dispatch(signups, tenant, certain, urgency),
        Promise.resolve(found).then((unknown) => dispatch(signups, tenant, unknown, urgency)),
        refuse(tenant, unread),
        note(tenant, noted),
        ...fresh.unnamed.map(({ date }) =>
          news.rescanFrom(tenant, clampedDate(date, arrivedAt) ?? arrivedAt),
        ),
      ])
      if (known !== null)
        duplicated.record(
          tenant,
          ids.filter((id) => !known.has(id)),
        )

      duplicated.recordLogins(tenant, logins)

      const accepted = fresh.events.length + fresh.unnamed.length
      return {
        accepted,
        duplicates: duplicates + events.length + unnamed.length - accepted,
        ignored,
        quarantined: unread.length,
        notified: certain.length + (await found).length,
        oldest: clamped(oldest),
        newest: clamped(newest),
      }
    },

    async takeListed(tenant, people, admit) {
      const known = await seenEvents.known(
        tenant,
        people.map(({ changeId }) => changeId),
      )
      const fresh = people.filter(({ changeId }) => !known.has(changeId))
      await admit(fresh.map(({ identity }) => identity))
      const updates = fresh.map(({ identity, hint }): PersonUpdate => ({ identity, hint }))
      await dispatch(signups, tenant, updates, 'bulk')
      await seenEvents.record(
        tenant,
        fresh.map(({ changeId }) => changeId),
      )
      return fresh.length
    },

    refuse,

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
