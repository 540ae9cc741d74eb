import type { Collection, Db, Document, Filter } from 'mongodb'
import { callMongo } from '../../../adapters/mongo/lib/errors.ts'
import type { NamedPerson, System } from '../../../contracts/systems.ts'
import { ownDocuments, type OwnDocuments } from './own-documents.ts'
import type {
  CountsByCollection,
  NamedPersonRecord,
  Owner,
  PeoplePage,
  PeoplePageEnd,
} from '../../ports/personal-data.ts'

export type NamedDocument = Document & { _id: string }

type FilterFor<P> = (
  person: P,
  documents: Collection<NamedDocument>,
  system: OwnDocuments,
) => Filter<NamedDocument> | Promise<Filter<NamedDocument>>

/** A collection with documents that name a person. */
export interface PersonalCollection<P extends NamedPerson = NamedPerson> {
  readonly collection: string
  readonly owner: Owner
  /** The documents that name the person, found by an index, since audits leave millions of others beside them. */
  readonly filterFor: FilterFor<P>
  /** The replacement where the document itself has to stay. */
  readonly instead?: Document
  /** Called with the documents before they are deleted. */
  readonly beforeErasing?: (db: Db, documents: readonly NamedDocument[]) => Promise<void>
}

export const byId = ({ identity }: NamedPerson): Filter<NamedDocument> => ({ _id: identity })

/** In a collection that several systems share. */
export const byOwnId: FilterFor<NamedPerson> = ({ identity }, _documents, { idOf, own }) => ({
  _id: idOf(identity),
  ...own,
})

export const byField = ({ identity }: NamedPerson): Filter<NamedDocument> => ({ identity })

/**
 * For copies whose id is the audit, a slash, and a name: the documents of an audit are one range of ids, so one query
 * per audit is enough, however many people each lists.
 */
export const byNameInAudit =
  <P extends NamedPerson>(nameOf: (person: P, system: OwnDocuments) => string | null): FilterFor<P> =>
  async (person, documents, system) => {
    const name = nameOf(person, system)
    const ids: string[] = []
    for (let after = ''; name !== null;) {
      const found = await documents.findOne(
        { _id: { $gt: after } },
        { sort: { _id: 1 }, projection: { _id: 1 } },
      )
      if (found === null) break
      const [audit] = found._id.split('/')
      ids.push(`${audit}/${name}`)
      after = `${audit}0` // '0' is the character after the slash
    }
    return { _id: { $in: ids } }
  }

/** Deletes, counts and reads the documents of one person in these collections, in their order. */
export interface PersonalDocuments {
  erase(of: Owner, person: NamedPerson): Promise<CountsByCollection>
  count(person: NamedPerson): Promise<CountsByCollection>
  read(person: NamedPerson): Promise<Record<string, Document[]>>
  /** A page of all people whom documents name by an id or a field, collection by collection. */
  namedPeople(after: PeoplePageEnd | null, limit: number): Promise<PeoplePage>
}

/** `known`: the person with all that the filters need. */
export function createPersonalDocuments<P extends NamedPerson>(
  db: Db,
  system: System,
  collections: readonly PersonalCollection<P>[],
  known: (person: NamedPerson) => Promise<P>,
): PersonalDocuments {
  const ownership = ownDocuments(system)
  const documents = (collection: string) => db.collection<NamedDocument>(collection)
  const named = collections.flatMap(({ collection, filterFor }) => {
    const filter: unknown = filterFor
    if (filter === byId) return [{ collection, field: '_id', shared: false }]
    if (filter === byOwnId) return [{ collection, field: '_id', shared: true }]
    return filter === byField ? [{ collection, field: 'identity', shared: false }] : []
  })

  const eraseOne = (
    { collection, filterFor, instead, beforeErasing }: PersonalCollection<P>,
    person: P,
  ): Promise<number> =>
    callMongo(collection, instead === undefined ? 'delete' : 'update', async () => {
      const all = documents(collection)
      const theirs = await filterFor(person, all, ownership)
      if (beforeErasing !== undefined) await beforeErasing(db, await all.find(theirs).toArray())
      if (instead === undefined) return (await all.deleteMany(theirs)).deletedCount
      return (await all.updateMany(theirs, { $set: instead })).modifiedCount
    })

  const perCollection = async (
    stores: readonly PersonalCollection<P>[],
    count: (store: PersonalCollection<P>) => Promise<number>,
  ): Promise<CountsByCollection> => {
    const counts: [string, number][] = []
    for (const store of stores) counts.push([shownName(store.collection), await count(store)])
    return Object.fromEntries(counts.filter(([, number]) => number > 0))
  }

  return {
    async erase(of, person) {
      const whole = await known(person)
      const stores = collections.filter(({ owner }) => owner === of)
      return perCollection(stores, (store) => eraseOne(store, whole))
    },

    async count(person) {
      const whole = await known(person)
      return perCollection(collections, ({ collection, filterFor }) =>
        callMongo(collection, 'find', async () => {
          const all = documents(collection)
          return all.countDocuments(await filterFor(whole, all, ownership))
        }),
      )
    },

    async read(person) {
      const whole = await known(person)
      const found: Record<string, Document[]> = {}
      for (const { collection, filterFor } of collections) {
        found[collection] = await callMongo(collection, 'find', async () => {
          const all = documents(collection)
          return all.find(await filterFor(whole, all, ownership)).toArray()
        })
      }
      return found
    },

    async namedPeople(after, limit) {
      const at = Math.max(
        named.findIndex(({ collection }) => collection === after?.collection),
        0,
      )
      const store = named[at]
      if (store === undefined) return { people: [], next: null }
      const { collection, field, shared } = store
      const found = await callMongo(collection, 'find', () =>
        documents(collection)
          .find(
            { _id: { $gt: after?.id ?? '' }, ...(shared ? ownership.own : {}) },
            { projection: { [field]: 1 } },
          )
          .sort({ _id: 1 })
          .limit(limit)
          .toArray(),
      )
      const people = found.flatMap((document): NamedPersonRecord[] => {
        const identity: unknown = document[field]
        if (typeof identity !== 'string') return []
        return [{ identity: shared ? ownership.nameOf(identity) : identity, collection }]
      })
      const last = found.at(-1)
      const more = last !== undefined && found.length === limit
      if (more) return { people, next: { collection, id: last._id } }
      const following = named[at + 1]
      return { people, next: following === undefined ? null : { collection: following.collection, id: '' } }
    },
  }
}

/** Without the `@`, since a result that contains one is treated as personal data on its way to Temporal. */
function shownName(collection: string): string {
  return collection.replace(/^@/, '')
}
