import type { Library } from './database.ts'
import type { PersonRecords } from '../../../src/state/ports/personal-data.ts'

/** The cards, which go with a deletion and are part of an export. */
export function cardRecords(library: Pick<Library, 'card' | 'removeCard' | 'cardHolders'>): PersonRecords {
  return {
    async erase(of, { identity }) {
      const removed = of === 'application' ? await library.removeCard(identity) : 0
      return removed === 0 ? {} : { cards: removed }
    },
    async count({ identity }) {
      return (await library.card(identity)) === null ? {} : { cards: 1 }
    },
    async read({ identity }) {
      const number = await library.card(identity)
      return { cards: number === null ? [] : [{ member_id: identity, number }] }
    },
    async namedPeople(after, limit) {
      const holders = await library.cardHolders(after?.id ?? '', limit)
      const last = holders.at(-1)
      return {
        people: holders.map((identity) => ({ identity, collection: 'cards' })),
        next: last === undefined || holders.length < limit ? null : { collection: 'cards', id: last },
      }
    },
    hasRecords: async (identity) => (await library.card(identity)) !== null,
    mentionsOf: () => Promise.resolve([]),
  }
}
