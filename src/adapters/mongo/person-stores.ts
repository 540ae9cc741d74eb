import type { Db, Document, Filter } from 'mongodb'
import type { Keyring } from '../../crypto/keyring.ts'
import { inMongo } from './errors.ts'
import { createQuarantineOf } from './quarantine-of.ts'

export interface NamedPerson {
  readonly tenant: string
  /** As the application stores it. */
  readonly identity: string
  /** The id at the provider, as its events say it. */
  readonly userId: string
}

type NamedDocument = Document & { _id: string }

interface Store {
  readonly collection: string
  readonly of: 'application' | 'holdfast'
  /** The documents that name the person. */
  readonly naming: (person: NamedPerson) => Filter<NamedDocument>
  /** What is put in their place where the document itself has to stay. */
  readonly instead?: Document
}

const byId = ({ identity }: NamedPerson): Filter<NamedDocument> => ({ _id: identity })

/** Every collection with a document that names a person. Deletion and export go through this list: a new one is one line. */
const STORES: readonly Store[] = [
  { collection: 'verifications', of: 'application', naming: byId },
  { collection: 'users', of: 'application', naming: byId },
  { collection: '@handles', of: 'application', naming: byId },
  { collection: 'holdfast_verifications', of: 'holdfast', naming: byId },
  { collection: 'holdfast_intents', of: 'holdfast', naming: byId },
  { collection: 'holdfast_history', of: 'holdfast', naming: byId },
  { collection: 'holdfast_ignored', of: 'holdfast', naming: byId },
  {
    collection: 'holdfast_codes',
    of: 'holdfast',
    naming: ({ identity }) => ({ identity }),
    instead: { identity: '(deleted)' }, // the code itself stays taken
  },
]

/** Ours, and naming nobody, or read in another way (`quarantine-of.ts`). A test holds both lists to all there are. */
export const OTHER_COLLECTIONS = [
  'holdfast_tombstones',
  'holdfast_resume_tokens',
  'holdfast_quarantine',
  'holdfast_cursors',
  'holdfast_events',
  'holdfast_switches',
  'holdfast_reveals',
  'holdfast_alerts',
  'holdfast_steps',
]
export const PERSON_COLLECTIONS: readonly string[] = STORES.map(({ collection }) => collection)

/** Counts by collection, `@handles` as `handles`; those with nothing are left out. */
export type CountsByStore = Readonly<Record<string, number>>

export interface PersonStores {
  /** Takes away what names the person. Safe to repeat: a second time finds nothing. */
  erase(of: Store['of'], person: NamedPerson): Promise<CountsByStore>
  /** What names the person still. */
  count(person: NamedPerson): Promise<CountsByStore>
  /** Every document that names the person as it stands; of the quarantine, its entries opened. */
  read(person: NamedPerson): Promise<Record<string, Document[]>>
}

export function createPersonStores(db: Db, keyring: Keyring): PersonStores {
  const quarantine = createQuarantineOf(db, keyring)
  const documents = (collection: string) => db.collection<NamedDocument>(collection)

  const eraseOne = ({ collection, naming, instead }: Store, person: NamedPerson): Promise<number> =>
    inMongo(collection, instead === undefined ? 'delete' : 'update', async () => {
      if (instead === undefined) return (await documents(collection).deleteMany(naming(person))).deletedCount
      return (await documents(collection).updateMany(naming(person), { $set: instead })).modifiedCount
    })

  const perStore = async (
    stores: readonly Store[],
    count: (store: Store) => Promise<number>,
    quarantined: () => Promise<number>,
  ): Promise<CountsByStore> => {
    const counts: [string, number][] = []
    for (const store of stores) counts.push([shown(store.collection), await count(store)])
    counts.push(['holdfast_quarantine', await quarantined()])
    return Object.fromEntries(counts.filter(([, number]) => number > 0))
  }

  return {
    erase: (of, person) =>
      perStore(
        STORES.filter((store) => store.of === of),
        (store) => eraseOne(store, person),
        async () => (of === 'holdfast' ? quarantine.drop(person) : 0),
      ),

    count: (person) =>
      perStore(
        STORES,
        ({ collection, naming }) =>
          inMongo(collection, 'find', () => documents(collection).countDocuments(naming(person))),
        async () => (await quarantine.find(person)).length,
      ),

    async read(person) {
      const found: Record<string, Document[]> = {}
      for (const { collection, naming } of STORES) {
        found[collection] = await inMongo(collection, 'find', () =>
          documents(collection).find(naming(person)).toArray(),
        )
      }
      return { ...found, holdfast_quarantine: await quarantine.find(person) }
    },
  }
}

/** An `@` would make the whole of a result look personal on its way to Temporal. */
function shown(collection: string): string {
  return collection.replace(/^@/, '')
}
