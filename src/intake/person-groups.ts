import type { PersonUpdate } from '../contracts/intake.ts'
import { clampedDate, plausibleDate } from '../domain/external-date.ts'
import type { PersonEvent } from './read-news.ts'

/** The meaning of one delivery's events for one person. */
export interface PersonGroup {
  readonly news: PersonUpdate
  /** The events only show that the person exists: relevant only for an unknown person. */
  readonly onlySeen: boolean
}

/** One call per person, however many of their events arrive together, in whatever order. */
export function groupByPerson(events: readonly PersonEvent[], arrivedAt: Date = new Date()): PersonGroup[] {
  const byPerson = Map.groupBy(events, ({ identity }) => identity)
  return [...byPerson].map(([identity, theirs]) => groupOf(identity, theirs, arrivedAt))
}

function groupOf(identity: string, told: readonly PersonEvent[], arrivedAt: Date): PersonGroup {
  const events = told.map((event) => ({
    ...event,
    date: clampedDate(event.date, arrivedAt)?.toISOString() ?? null,
    // A wrong date would stay in a user code permanently, so an impossible one is omitted and looked up.
    trusted: plausibleDate(event.date, arrivedAt)?.toISOString() ?? null,
  }))
  const deletions = events.filter(({ kind }) => kind === 'deleted')
  const deletedAt = deletions.length === 0 ? undefined : latest(deletions)
  // Events from before the deletion concern the deleted person; later ones concern a person created anew.
  const living = events.filter(
    ({ kind, date }) =>
      kind !== 'deleted' &&
      (deletedAt === undefined || (deletedAt !== null && date !== null && date > deletedAt)),
  )
  const has = (wanted: PersonEvent['kind']): boolean => living.some(({ kind }) => kind === wanted)
  const signedUpAt = living.find(({ kind }) => kind === 'signed-up')?.trusted
  // A change of address carries more information, and both lead to a look-up.
  const hint = has('email-changed') ? 'emailChanged' : has('email-verified') ? 'emailVerified' : undefined
  const changedAt = latest(living.filter(({ kind }) => kind === 'email-changed'))
  return {
    news: {
      identity,
      ...(deletedAt === undefined ? {} : { deletedAt }),
      ...(typeof signedUpAt === 'string' ? { signedUpAt } : {}),
      ...(hint === undefined ? {} : { hint }),
      ...(changedAt === null ? {} : { changedAt }),
      ...(deletedAt !== undefined && living.length > 0 ? { recreated: true } : {}),
    },
    onlySeen: deletedAt === undefined && living.every(({ kind }) => kind === 'seen'),
  }
}

function latest(events: readonly Pick<PersonEvent, 'date'>[]): string | null {
  return (
    events
      .flatMap(({ date }) => date ?? [])
      .toSorted()
      .at(-1) ?? null
  )
}
