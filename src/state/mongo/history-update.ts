import type { Document } from 'mongodb'
import type { HistoryEvent } from '../../contracts/history.ts'

export interface HistoryEventDocument extends Omit<HistoryEvent, 'at' | 'last'> {
  at: Date
  last: Date
}

/** The most lines kept for one person, the newest. */
const MOST_EVENTS = 60

/**
 * The update stage that adds one line to `events`, or increments the count of the step's last line if it is the same.
 * `quiet`: adds nothing where the step has no line yet.
 */
export function historyUpdate(event: HistoryEventDocument, quiet = false): Document {
  const ofStep = { $filter: { input: '$$events', cond: { $eq: ['$$this.step', event.step] } } }
  const repeats = {
    $and: [{ $eq: ['$$before.outcome', event.outcome] }, { $eq: ['$$before.problem', event.problem] }],
  }
  const again = { last: event.at, times: { $add: ['$$this.times', 1] } }
  const counted = {
    $map: {
      input: '$$events',
      in: { $cond: [{ $eq: ['$$this', '$$before'] }, { $mergeObjects: ['$$this', again] }, '$$this'] },
    },
  }
  const appended = { $slice: [{ $concatArrays: ['$$events', [{ $literal: event }]] }, -MOST_EVENTS] }
  const isFirst = { $eq: [{ $type: '$$before' }, 'missing'] }
  const unlessQuiet = quiet ? { $cond: [isFirst, '$$events', appended] } : appended
  const events = { $cond: [repeats, event.outcome === 'done' ? '$$events' : counted, unlessQuiet] }
  return {
    $set: {
      events: {
        $let: {
          vars: { events: { $ifNull: ['$events', []] } },
          in: { $let: { vars: { before: { $last: ofStep } }, in: events } },
        },
      },
    },
  }
}
