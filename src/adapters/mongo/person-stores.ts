import type { Db, Document, Filter } from 'mongodb'
import type { Keyring } from '../../crypto/keyring.ts'
import type { UserDocument } from './documents.ts'
import { inMongo } from './errors.ts'
import { createQuarantineOf } from './quarantine-of.ts'

export interface NamedPerson {
  readonly tenant: string
  /** As the application stores it. */
  readonly identity: string
  /** The id at the provider, as its events say it. */
  readonly userId: string
}

/** With the account that the user record names, while there is one. */
type KnownPerson = NamedPerson & { readonly did: string | null }

type NamedDocument = Document & { _id: string }

interface Store {
  readonly collection: string
  readonly of: 'application' | 'holdfast'
  /** The documents that name the person. */
  readonly naming: (person: KnownPerson) => Filter<NamedDocument>
  /** What is put in their place where the document itself has to stay. */
  readonly instead?: Document
}

const byId = ({ identity }: NamedPerson): Filter<NamedDocument> => ({ _id: identity })

const byField = ({ identity }: NamedPerson): Filter<NamedDocument> => ({ identity })

/** Of copies whose id is the audit, a slash, and whom or what it is about. */
const endingIn = (name: string): Filter<NamedDocument> => ({
  _id: { $regex: `/${name.replaceAll(/[^\w]/g, '\\$&')}$` },
})

/** An audit or a plan of this person alone. */
const asScope = ({ identity }: NamedPerson): Filter<NamedDocument> => ({ 'scope.id': identity })

/** Every collection with a document that names a person. Deletion and export go through this list: a new one is one line. */
const STORES: readonly Store[] = [
  {
    collection: 'holdfast_audit_accounts', // `<audit>/<did>`, so it goes before the user record, which alone knows the DID
    of: 'application',
    naming: ({ did }) => (did === null ? { _id: { $in: [] } } : endingIn(did)),
  },
  { collection: 'verifications', of: 'application', naming: byId },
  { collection: 'users', of: 'application', naming: byId },
  { collection: '@handles', of: 'application', naming: byId },
  { collection: 'holdfast_verifications', of: 'holdfast', naming: byId },
  { collection: 'holdfast_intents', of: 'holdfast', naming: byId },
  { collection: 'holdfast_history', of: 'holdfast', naming: byId },
  { collection: 'holdfast_ignored', of: 'holdfast', naming: byId },
  { collection: 'holdfast_audit_findings', of: 'holdfast', naming: byField },
  { collection: 'holdfast_audit_people', of: 'holdfast', naming: byField },
  { collection: 'holdfast_audits', of: 'holdfast', naming: asScope },
  { collection: 'holdfast_plans', of: 'holdfast', naming: asScope },
  {
    collection: 'holdfast_audit_identities', // `<audit>/<identity>`
    of: 'holdfast',
    naming: ({ identity }) => endingIn(identity),
  },
  {
    collection: 'holdfast_audit_marks', // `<audit>/running/<workflow id>`, which ends in the identity
    of: 'holdfast',
    naming: ({ identity }) => endingIn(identity),
  },
  {
    collection: 'holdfast_codes',
    of: 'holdfast',
    naming: byField,
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

  const known = async (person: NamedPerson): Promise<KnownPerson> => {
    const user = await inMongo('users', 'find', () =>
      db.collection<UserDocument>('users').findOne({ _id: person.identity }),
    )
    return { ...person, did: user?.atproto?.did ?? null }
  }

  const eraseOne = ({ collection, naming, instead }: Store, person: KnownPerson): Promise<number> =>
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
    async erase(of, named) {
      const person = await known(named)
      return perStore(
        STORES.filter((store) => store.of === of),
        (store) => eraseOne(store, person),
        async () => (of === 'holdfast' ? quarantine.drop(person) : 0),
      )
    },

    async count(named) {
      const person = await known(named)
      return perStore(
        STORES,
        ({ collection, naming }) =>
          inMongo(collection, 'find', () => documents(collection).countDocuments(naming(person))),
        async () => (await quarantine.find(person)).length,
      )
    },

    async read(named) {
      const person = await known(named)
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
