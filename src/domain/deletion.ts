import type { DeletionOutcome } from '../contracts/deletion.ts'
import { clampedDate } from './external-date.ts'

export interface DeletionFacts {
  /**
   * The time at which the provider's account for this id was created; null where the provider knows nobody under it.
   */
  readonly createdAt: Date | null
  /** The existing tombstone. */
  readonly tombstone: { readonly at: Date; readonly finishedAt: Date | null } | null
  /** The time at which the provider deleted the person, according to its event. */
  readonly deletedAt: string | undefined
  /** `users.when`, null where there is no such record or date. */
  readonly recordsCreatedAt: Date | null
  readonly force: boolean
  /**
   * The event predates the installation of Holdfast, or waited for an operator: today's records may belong to a person
   * who came after it.
   */
  readonly old: boolean
  /** Not later than the query to the provider: a person created after it is another one. */
  readonly now: Date
}

export type DeletionDecision =
  | { readonly goOn: true; readonly at: Date }
  | { readonly goOn: false; readonly outcome: Exclude<DeletionOutcome, 'deleted'> }

/**
 * Decides whether a deletion proceeds, by the provider's present answer: an event is only a hint, and may be wrong,
 * old, or about a person who had this identity before. `at` is the tombstone's time, which distinguishes the two
 * people; it is never in the future.
 */
export function decideDeletion(facts: DeletionFacts): DeletionDecision {
  const { createdAt, tombstone, recordsCreatedAt, force, old, now } = facts
  // A deletion that began and never ended was decided at its beginning; a new person waits for its end.
  const cutShort = tombstone !== null && tombstone.finishedAt === null
  const ofBefore = cutShort && createdAt !== null && !force
  const told = ofBefore ? null : clampedDate(facts.deletedAt, now)
  // Without an event's time, the time of an earlier deletion stays, so another sweep of a finished deletion does not
  // change it. An unfinished deletion of a person who is gone gets the present time.
  const earlier = createdAt === null && cutShort ? null : tombstone
  const at = told ?? earlier?.at ?? now
  if (createdAt === null || cutShort) return { goOn: true, at }

  if (createdAt > at) {
    // A new person. Records from before them are deleted too, unless the new person may use them already.
    const ownRecords = recordsCreatedAt === null || recordsCreatedAt > at
    if (ownRecords || (old && !force)) return { goOn: false, outcome: 'created-anew' }
    return { goOn: true, at }
  }
  if (!force && (old || tombstone === null || createdAt > tombstone.at))
    return { goOn: false, outcome: 'still-known' }
  return { goOn: true, at }
}
