import type { PersonNews } from '../contracts/intake.ts'
import type { PersonEvent } from './read-event.ts'

/** What the events of one delivery say of one person. */
export interface Gathered {
  readonly news: PersonNews
  /** Nothing was said but that the person exists: news only where we do not know them. */
  readonly onlySeen: boolean
}

/** One call a person, however many of their events came together, in whatever order. */
export function gatherNews(idPrefix: string, events: readonly PersonEvent[]): Gathered[] {
  const byPerson = Map.groupBy(events, ({ userId }) => userId)
  return [...byPerson].map(([userId, theirs]) => gather(idPrefix + userId, theirs))
}

function gather(identity: string, events: readonly PersonEvent[]): Gathered {
  const deletions = events.filter(({ kind }) => kind === 'deleted')
  const deletedAt = deletions.length === 0 ? undefined : latest(deletions)
  // What came before the deletion went with the person; what came after it is of somebody created anew.
  const living = events.filter(
    ({ kind, date }) =>
      kind !== 'deleted' &&
      (deletedAt === undefined || (deletedAt !== null && date !== null && date > deletedAt)),
  )
  const has = (wanted: PersonEvent['kind']): boolean => living.some(({ kind }) => kind === wanted)
  const signedUpAt = living.find(({ kind }) => kind === 'signed-up')?.date
  // A change tells more, and both lead to a look.
  const hint = has('email-changed') ? 'emailChanged' : has('email-verified') ? 'emailVerified' : undefined
  const changedAt = latest(living.filter(({ kind }) => kind === 'email-changed'))
  return {
    news: {
      identity,
      ...(deletedAt === undefined ? {} : { deletedAt }),
      ...(typeof signedUpAt === 'string' ? { signedUpAt } : {}),
      ...(hint === undefined ? {} : { hint }),
      ...(changedAt === null ? {} : { changedAt }),
      ...(deletedAt !== undefined && living.length > 0 ? { cameBack: true } : {}),
    },
    onlySeen: deletedAt === undefined && living.every(({ kind }) => kind === 'seen'),
  }
}

function latest(events: readonly PersonEvent[]): string | null {
  return (
    events
      .flatMap(({ date }) => date ?? [])
      .toSorted()
      .at(-1) ?? null
  )
}
