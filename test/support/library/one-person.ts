import type { OnePerson, StoresSeen } from '../../../src/why/one-person.ts'
import { queryStore, storeAnswer, type StoreResult } from '../../../src/why/query-store.ts'
import type { Env } from '../../../src/config.ts'
import { libraryUrl } from './config.ts'
import { cardMissing } from './gaps.ts'
import { cardRecords } from './records.ts'
import { openLibrary, type Library, type Member } from './database.ts'

async function asking<T>(env: Env, ask: (library: Library) => Promise<T>): Promise<T> {
  const library = openLibrary(libraryUrl(env))
  try {
    return await ask(library)
  } finally {
    await library.close()
  }
}

/** The front desk and the cards, as they answer about one member. */
export const libraryPerson: OnePerson = {
  async resolve(words, { system, env }) {
    const found = await queryStore(system, () => asking(env, (library) => library.memberOfCard(words)))
    if (!found.asked) return { matches: [], unavailable: [`Library: ${found.because}`] }
    return { matches: found.value === null ? [] : [found.value], unavailable: [] }
  },

  async look({ identity, tenant }, { system, env }) {
    const [member, card] = await Promise.all([
      queryStore(system, () => asking(env, (library) => library.member(identity))),
      queryStore(system, () => asking(env, (library) => library.card(identity))),
    ])
    return seen({ identity, tenant }, member, card)
  },

  atProvider: (identity, { env }) =>
    asking(env, async (library) => {
      const member = await library.member(identity)
      return member === null ? null : { createdAt: member.signedUpAt }
    }),

  records: ({ env }) => {
    libraryUrl(env) // so that `export` names it where it is missing, before it reads anything
    const calling =
      <A extends unknown[], R>(call: (library: Library, ...args: A) => Promise<R>) =>
      (...args: A): Promise<R> =>
        asking(env, (library) => call(library, ...args))
    return Promise.resolve(
      cardRecords({
        card: calling((library, id: string) => library.card(id)),
        removeCard: calling((library, id: string) => library.removeCard(id)),
        cardHolders: calling((library, after: string, limit: number) => library.cardHolders(after, limit)),
      }),
    )
  },
}

function seen(
  person: { identity: string; tenant: string },
  member: StoreResult<Member | null>,
  card: StoreResult<string | null>,
): StoresSeen {
  const known = member.asked ? member.value : null
  const number = card.asked ? card.value : null
  return {
    stores: [
      storeAnswer('members', member, (value) => (value === null ? 'not a member' : memberText(value))),
      storeAnswer('cards', card, (value) => (value === null ? 'no card' : `card ${value}`)),
    ],
    atProvider: !member.asked ? 'not asked' : known === null ? 'unknown' : 'known',
    judge({ deletion }) {
      const deleted = deletion.asked && deletion.value.tombstone !== null
      const lacking = member.asked && card.asked && known?.confirmed === true && number === null && !deleted
      return {
        gaps: lacking ? [cardMissing(person, known.signedUpAt)] : [],
        stage: number !== null ? 'completed' : known === null ? null : waitsFor(known),
        known: known !== null || number !== null,
        deleted,
        notices: [],
        fix: null,
      }
    },
  }
}

const memberText = ({ confirmed }: Member): string =>
  confirmed ? 'confirmed member' : 'member, not confirmed yet'
const waitsFor = ({ confirmed }: Member) => (confirmed ? 'creating-card' : 'waiting-for-verification')
