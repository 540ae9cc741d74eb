import type { Db } from 'mongodb'
import type { UserDocument } from '../../../adapters/mongo/documents.ts'
import { callMongo } from '../../../adapters/mongo/lib/errors.ts'
import type { NamedPerson } from '../../../contracts/systems.ts'
import {
  byField,
  byId,
  byNameInAudit,
  createPersonalDocuments,
  type NamedDocument,
  type PersonalCollection,
} from '../lib/personal-collections.ts'
import { RESERVED_FOR_DELETED, reserveCodesOf } from './person-memory.ts'
import type { PersonRecords } from '../../ports/personal-data.ts'

/** The person with the account that their user record names, or that is remembered, as long as there is one. */
type KnownPerson = NamedPerson & { readonly did: string | null }

/** User codes are never given to anybody else afterwards. */
const reserveCodes = (db: Db, documents: readonly NamedDocument[]): Promise<void> =>
  reserveCodesOf(db.collection('holdfast_codes'), documents)

const COLLECTIONS: readonly PersonalCollection<KnownPerson>[] = [
  {
    collection: 'holdfast_audit_accounts', // `<audit>/<did>`, so it goes before the user record, which alone knows the DID
    owner: 'application',
    filterFor: byNameInAudit(({ did }) => did),
  },
  { collection: 'verifications', owner: 'application', filterFor: byId },
  { collection: 'users', owner: 'application', filterFor: byId, beforeErasing: reserveCodes },
  { collection: '@handles', owner: 'application', filterFor: byId },
  { collection: 'holdfast_verifications', owner: 'holdfast', filterFor: byId },
  { collection: 'holdfast_people', owner: 'holdfast', filterFor: byId, beforeErasing: reserveCodes },
  { collection: 'holdfast_intents', owner: 'holdfast', filterFor: byId },
  { collection: 'holdfast_renewals', owner: 'holdfast', filterFor: byId },
  {
    collection: 'holdfast_audit_identities',
    owner: 'holdfast',
    filterFor: byNameInAudit(({ identity }) => identity),
  },
  {
    collection: 'holdfast_codes',
    owner: 'holdfast',
    filterFor: byField,
    instead: { identity: RESERVED_FOR_DELETED }, // the code itself stays taken
  },
]

export const ATPROTO_PERSON_COLLECTIONS: readonly string[] = COLLECTIONS.map(({ collection }) => collection)

/** Collections whose documents make a deletion necessary: a person without one in any of them has no account either. */
const RECORDS = [
  'verifications',
  'users',
  '@handles',
  'holdfast_verifications',
  'holdfast_people',
  'holdfast_intents',
]

/** The application's `verifications`, `users` and `@handles`, and what Holdfast keeps beside them. */
export function createAtprotoRecords(db: Db): PersonRecords {
  const withAccount = async (person: NamedPerson): Promise<KnownPerson> => {
    const user = await callMongo('users', 'find', () =>
      db.collection<UserDocument>('users').findOne({ _id: person.identity }),
    )
    const remembered = await callMongo('holdfast_people', 'find', () =>
      db.collection<{ _id: string; did?: string }>('holdfast_people').findOne({ _id: person.identity }),
    )
    return { ...person, did: user?.atproto?.did ?? remembered?.did ?? null }
  }

  return {
    ...createPersonalDocuments(db, 'atproto', COLLECTIONS, withAccount),

    async hasRecords(identity) {
      for (const collection of RECORDS) {
        const found = await callMongo(collection, 'find', () =>
          db.collection<NamedDocument>(collection).findOne({ _id: identity }, { projection: { _id: 1 } }),
        )
        if (found !== null) return true
      }
      return false
    },

    /** The addresses in the ledger are hashed. */
    async mentionsOf({ identity }) {
      const ledger = await callMongo('holdfast_verifications', 'find', () =>
        db
          .collection<{ _id: string; address?: string; verified?: string[] }>('holdfast_verifications')
          .findOne({ _id: identity }),
      )
      return [...(ledger?.verified ?? []), ...(ledger?.address === undefined ? [] : [ledger.address])]
    },
  }
}
