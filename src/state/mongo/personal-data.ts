import type { Collection, Db, Document, Filter } from 'mongodb'
import { escapeForId } from '../../contracts/id-escapes.ts'
import type { NamedPerson, System } from '../../contracts/systems.ts'
import type { Keyring } from '../../crypto/keyring.ts'
import { normalizedMention } from '../../domain/events/mentions.ts'
import type { UserDocument } from '../../adapters/mongo/documents.ts'
import { callMongo } from '../../adapters/mongo/lib/errors.ts'
import { RESERVED_FOR_DELETED, reserveCodesOf } from './person-memory.ts'
import { ownDocuments, type OwnDocuments } from './lib/own-documents.ts'
import { createQuarantineSearch, type MentionedPerson } from './quarantine/search.ts'

/** The person with the account that their user record names, or that is remembered, as long as there is one. */
type KnownPerson = NamedPerson & { readonly did: string | null }

type NamedDocument = Document & { _id: string }

interface PersonalCollection {
  readonly collection: string
  readonly owner: 'application' | 'holdfast'
  /** The documents that name the person, found by an index, since audits leave millions of others beside them. */
  readonly filterFor: (
    person: KnownPerson,
    documents: Collection<NamedDocument>,
    system: OwnDocuments,
  ) => Filter<NamedDocument> | Promise<Filter<NamedDocument>>
  /** The replacement where the document itself has to stay. */
  readonly instead?: Document
  /** Its documents contain user codes, which are never given to anybody else afterwards. */
  readonly holdsCodes?: true
}

const byId = ({ identity }: NamedPerson): Filter<NamedDocument> => ({ _id: identity })

/** In a collection that several systems share. */
const byOwnId: PersonalCollection['filterFor'] = ({ identity }, _documents, { idOf, own }) => ({
  _id: idOf(identity),
  ...own,
})

const byField = ({ identity }: NamedPerson): Filter<NamedDocument> => ({ identity })

/** An audit or a plan of this person alone. */
const asScope: PersonalCollection['filterFor'] = ({ identity }, _documents, { own }) => ({
  'scope.id': identity,
  ...own,
})

/** By the index on audit, identity and kind. */
const byAudit: PersonalCollection['filterFor'] = async ({ identity }, documents, { own }) => ({
  audit: { $in: await documents.distinct('audit') },
  identity,
  ...own,
})

/**
 * For copies whose id is the audit, a slash, and a name: the documents of an audit are one range of ids, so one query
 * per audit is enough, however many people each lists.
 */
const byNameInAudit =
  (nameOf: (person: KnownPerson, system: OwnDocuments) => string | null): PersonalCollection['filterFor'] =>
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
const byIdInAudit = byNameInAudit(({ identity }) => identity)
const byOwnIdInAudit: PersonalCollection['filterFor'] = async (person, documents, system) => ({
  ...(await byIdInAudit(person, documents, system)),
  ...system.own,
})

/**
 * Every collection with a document that names a person. Deletion and export use this list: a new collection is one more
 * line.
 */
const COLLECTIONS: readonly PersonalCollection[] = [
  {
    collection: 'holdfast_audit_accounts', // `<audit>/<did>`, so it goes before the user record, which alone knows the DID
    owner: 'application',
    filterFor: byNameInAudit(({ did }) => did),
  },
  { collection: 'verifications', owner: 'application', filterFor: byId },
  { collection: 'users', owner: 'application', filterFor: byId, holdsCodes: true },
  { collection: '@handles', owner: 'application', filterFor: byId },
  { collection: 'holdfast_verifications', owner: 'holdfast', filterFor: byId },
  { collection: 'holdfast_people', owner: 'holdfast', filterFor: byId, holdsCodes: true },
  { collection: 'holdfast_intents', owner: 'holdfast', filterFor: byId },
  { collection: 'holdfast_history', owner: 'holdfast', filterFor: byOwnId },
  { collection: 'holdfast_ignored', owner: 'holdfast', filterFor: byOwnId },
  { collection: 'holdfast_old_deletions', owner: 'holdfast', filterFor: byOwnId },
  { collection: 'holdfast_failed_mails', owner: 'holdfast', filterFor: byOwnId },
  { collection: 'holdfast_renewals', owner: 'holdfast', filterFor: byId },
  { collection: 'holdfast_audit_findings', owner: 'holdfast', filterFor: byAudit },
  { collection: 'holdfast_audit_people', owner: 'holdfast', filterFor: byOwnIdInAudit },
  { collection: 'holdfast_audit_identities', owner: 'holdfast', filterFor: byIdInAudit },
  {
    collection: 'holdfast_audit_marks', // `<audit>/running/<workflow id>`; a hashed id names nobody
    owner: 'holdfast',
    filterFor: byNameInAudit(
      ({ tenant, identity }, { system }) => `running/signup/${system}/${tenant}/${escapeForId(identity)}`,
    ),
  },
  { collection: 'holdfast_audits', owner: 'holdfast', filterFor: asScope },
  { collection: 'holdfast_plans', owner: 'holdfast', filterFor: asScope },
  {
    collection: 'holdfast_codes',
    owner: 'holdfast',
    filterFor: byField,
    instead: { identity: RESERVED_FOR_DELETED }, // the code itself stays taken
  },
]

/**
 * Collections of Holdfast that name nobody, or that are read in another way (`quarantine/search.ts`). A test compares
 * both lists with all existing collections.
 */
export const IMPERSONAL_COLLECTIONS = [
  'holdfast_tombstones',
  'holdfast_resume_tokens',
  'holdfast_quarantine',
  'holdfast_quarantine_days',
  'holdfast_cursors',
  'holdfast_events',
  'holdfast_switches',
  'holdfast_brakes',
  'holdfast_actions',
  'holdfast_alerts',
  'holdfast_steps',
  'holdfast_workers',
  'holdfast_event_counts',
]
/** The collections whose documents name one person each, with the field that does. */
const NAME_FIELDS = COLLECTIONS.flatMap(
  ({ collection, filterFor }): { collection: string; field: string; shared: boolean }[] => {
    if (filterFor === byId || filterFor === byOwnId)
      return [{ collection, field: '_id', shared: filterFor === byOwnId }]
    return filterFor === byField ? [{ collection, field: 'identity', shared: false }] : []
  },
)
export const PERSON_COLLECTIONS: readonly string[] = COLLECTIONS.map(({ collection }) => collection)

/** Collections whose documents make a deletion necessary: a person without one in any of them has no account either. */
const RECORDS = [
  'verifications',
  'users',
  '@handles',
  'holdfast_verifications',
  'holdfast_people',
  'holdfast_intents',
]

/** Counts by collection, `@handles` as `handles`; collections without documents of the person are left out. */
export type CountsByCollection = Readonly<Record<string, number>>

/** The end of a page of `namedPeople`. */
export interface PeoplePageEnd {
  readonly collection: string
  readonly id: string
}

export interface NamedPersonRecord {
  readonly identity: string
  readonly collection: string
}

export interface PersonalData {
  /** Deletes the documents that name the person. Safe to repeat: a second call finds nothing. */
  erase(of: PersonalCollection['owner'], person: NamedPerson): Promise<CountsByCollection>
  /** Whether any record of the person exists, of the application or of ours; copies and notes do not count. */
  hasRecords(identity: string): Promise<boolean>
  /** Counts the documents that still name the person. */
  count(person: NamedPerson): Promise<CountsByCollection>
  /**
   * The number of quarantined entries that cannot be searched for names: no key opens them, and no hashes were stored.
   */
  countUnreadable(person: NamedPerson): Promise<number>
  /**
   * A page of all people that documents name, collection by collection, without the copies of audits, which expire.
   * `next` is null after the last page.
   */
  namedPeople(
    after: PeoplePageEnd | null,
    limit: number,
  ): Promise<{ people: NamedPersonRecord[]; next: PeoplePageEnd | null }>
  /** Every document that names the person, unchanged; quarantined entries, which are Holdfast's, are decrypted. */
  read(of: PersonalCollection['owner'], person: NamedPerson): Promise<Record<string, Document[]>>
}

export function createPersonalData(
  db: Db,
  system: System,
  keyring: Keyring,
  hash: (value: string) => string,
): PersonalData {
  const quarantine = createQuarantineSearch(db, system, keyring, hash)
  const ownership = ownDocuments(system)
  const documents = (collection: string) => db.collection<NamedDocument>(collection)

  const withAccount = async (person: NamedPerson): Promise<KnownPerson> => {
    const user = await callMongo('users', 'find', () =>
      db.collection<UserDocument>('users').findOne({ _id: person.identity }),
    )
    const remembered = await callMongo('holdfast_people', 'find', () =>
      db.collection<{ _id: string; did?: string }>('holdfast_people').findOne({ _id: person.identity }),
    )
    return { ...person, did: user?.atproto?.did ?? remembered?.did ?? null }
  }

  /** The names by which quarantined entries mention the person; the addresses in the ledger are hashed. */
  const withMentions = async (person: NamedPerson): Promise<MentionedPerson> => {
    const ledger = await callMongo('holdfast_verifications', 'find', () =>
      db
        .collection<{ _id: string; address?: string; verified?: string[] }>('holdfast_verifications')
        .findOne({ _id: person.identity }),
    )
    const names = [person.userId, person.identity].map((name) => hash(normalizedMention(name)))
    const addresses = [
      ...(ledger?.verified ?? []),
      ...(ledger?.address === undefined ? [] : [ledger.address]),
    ]
    return { ...person, mentions: [...new Set([...names, ...addresses])] }
  }

  const eraseOne = (
    { collection, filterFor, instead, holdsCodes }: PersonalCollection,
    person: KnownPerson,
  ): Promise<number> =>
    callMongo(collection, instead === undefined ? 'delete' : 'update', async () => {
      const all = documents(collection)
      const theirs = await filterFor(person, all, ownership)
      if (holdsCodes === true)
        await reserveCodesOf(db.collection('holdfast_codes'), await all.find(theirs).toArray())
      if (instead === undefined) return (await all.deleteMany(theirs)).deletedCount
      return (await all.updateMany(theirs, { $set: instead })).modifiedCount
    })

  const perCollection = async (
    stores: readonly PersonalCollection[],
    count: (store: PersonalCollection) => Promise<number>,
    quarantined: () => Promise<number>,
  ): Promise<CountsByCollection> => {
    // Runs first: the ledger, which has the addresses, is deleted with the other documents.
    const counts: [string, number][] = [['holdfast_quarantine', await quarantined()]]
    for (const store of stores) counts.push([shownName(store.collection), await count(store)])
    return Object.fromEntries(counts.filter(([, number]) => number > 0))
  }

  return {
    async erase(of, named) {
      const person = await withAccount(named)
      return perCollection(
        COLLECTIONS.filter((store) => store.owner === of),
        (store) => eraseOne(store, person),
        async () => (of === 'holdfast' ? quarantine.remove(await withMentions(named)) : 0),
      )
    },

    async hasRecords(identity) {
      for (const collection of RECORDS) {
        const found = await callMongo(collection, 'find', () =>
          documents(collection).findOne({ _id: identity }, { projection: { _id: 1 } }),
        )
        if (found !== null) return true
      }
      return false
    },

    async count(named) {
      const person = await withAccount(named)
      return perCollection(
        COLLECTIONS,
        ({ collection, filterFor }) =>
          callMongo(collection, 'find', async () => {
            const all = documents(collection)
            return all.countDocuments(await filterFor(person, all, ownership))
          }),
        async () => (await quarantine.find(await withMentions(named))).matching.length,
      )
    },

    countUnreadable: async (named) => (await quarantine.find(await withMentions(named))).unreadable,

    async namedPeople(after, limit) {
      const at = Math.max(
        NAME_FIELDS.findIndex(({ collection }) => collection === after?.collection),
        0,
      )
      const store = NAME_FIELDS[at]
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
      const following = NAME_FIELDS[at + 1]
      return { people, next: following === undefined ? null : { collection: following.collection, id: '' } }
    },

    async read(of, named) {
      const person = await withAccount(named)
      const found: Record<string, Document[]> = {}
      for (const { collection, owner, filterFor } of COLLECTIONS) {
        if (owner !== of) continue
        found[collection] = await callMongo(collection, 'find', async () => {
          const all = documents(collection)
          return all.find(await filterFor(person, all, ownership)).toArray()
        })
      }
      if (of === 'application') return found
      return {
        ...found,
        holdfast_quarantine: [...(await quarantine.find(await withMentions(named))).matching],
      }
    },
  }
}

/** Without the `@`, since a result that contains one is treated as personal data on its way to Temporal. */
function shownName(collection: string): string {
  return collection.replace(/^@/, '')
}
