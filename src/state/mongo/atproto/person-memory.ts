import type { Collection, Db, Document } from 'mongodb'
import type {
  AccountProof,
  RememberedRecords,
  RememberedAccount,
} from '../../../contracts/atproto/recovery.ts'
import { memoizeSuccess } from '../../../adapters/mongo/lib/memoize-success.ts'
import { RESERVED_FOR_PDS_HANDLE, type UserDocument } from '../../../adapters/mongo/documents.ts'
import { callMongo } from '../../../adapters/mongo/lib/errors.ts'
import { callMongoWithin } from '../../../adapters/mongo/lib/within-time.ts'
import { readByColumns } from '../../../adapters/mongo/lib/read-by-columns.ts'
import type { IdRange } from '../lib/id-range.ts'

const COLLECTION = 'holdfast_people'
const ONLY_ID = { projection: { _id: 1 } } as const
const MOST_FOUND = 50
/** The limit of a pass over all users, within a step that has a minute. */
const NAMED_MS = 30_000
const NAMING = { collection: 'users', action: 'find', field: 'atproto.did' } as const

interface PersonDocument {
  _id: string
  code: string
  /** Every code the person ever had: none of them is given to anybody else. */
  codes: string[]
  when: Date | null
  did?: string
  handle?: string
  proof?: AccountProof
  /** An account under the person's code, with their address, that was not adopted. */
  stranger?: { did: string; since: Date }
}

type RememberedRow = Omit<PersonDocument, 'codes' | 'stranger'>
const REMEMBERED_FIELDS = {
  _id: '$_id',
  code: '$code',
  when: '$when',
  did: '$did',
  handle: '$handle',
  proof: '$proof',
} as const

/** An account that has a person's code as its handle, and their address, but is not known to be theirs. */
export interface UnprovenAccount {
  readonly identity: string
  readonly did: string
  readonly since: Date
}

export interface UserAndMemory {
  readonly user: UserDocument | null
  readonly remembered: RememberedRecords | null
  /** Whether another person has, or ever had, the given code. */
  readonly codeTaken: boolean
}

export interface PersonMemory {
  /** Creates the indexes for looking up a code, a DID or a handle, once per process. */
  ensureIndexes(): Promise<void>
  /** The user record, and the remembered data; for a person without a code, whether `code` is taken. */
  loadWithUser(identity: string, code?: string): Promise<UserAndMemory>
  /** Remembers code and `when`; an earlier code stays reserved. */
  rememberUser(identity: string, user: Pick<RememberedRecords, 'code' | 'when'>): Promise<void>
  /** Remembers the account of a person whose code is known; does nothing for other people. */
  rememberAccount(identity: string, account: RememberedAccount): Promise<void>
  rememberHandle(identity: string, account: Pick<RememberedAccount, 'did' | 'handle'>): Promise<void>
  /** The remembered data of many people: those in a range, or those in a list. */
  loadMany(which: IdRange | readonly string[]): Promise<Map<string, RememberedRecords>>
  /** Remembers the given records of many people unchanged. */
  rememberAll(people: readonly (RememberedRecords & { readonly identity: string })[]): Promise<void>
  /** Forgets these people, who were deleted while their records were written; their codes stay reserved. */
  forget(identities: readonly string[]): Promise<void>
  /** Those of the codes that a person has or had, including deleted people. */
  takenCodes(codes: readonly string[]): Promise<Set<string>>
  /** Reserves codes that are handles on the PDS, so that they are not drawn. */
  reserveHandles(codes: readonly string[]): Promise<void>
  /** All people who are remembered with these accounts, by DID: more than one where the application merged people. */
  ownersOf(dids: readonly string[]): Promise<Map<string, readonly string[]>>
  /**
   * Whether another person's user record or remembered data names this account. May read all of `users`; throws
   * `mongo-slow` where that takes more than half a minute.
   */
  belongsToAnother(identity: string, did: string): Promise<boolean>
  /**
   * The same of many people, each with the DID of the account they lost: those whose account belongs to another. At
   * most one pass over `users`, for accounts with which no other person is remembered.
   */
  movedToAnother(lost: ReadonlyMap<string, string>): Promise<Set<string>>
  /** The other people connected with this account: those whose user record names it, and those remembered with it. */
  othersWith(identity: string, did: string): Promise<{ named: string[]; remembered: string[] }>
  /** Records an account under the person's code that was not adopted, for an operator to examine. */
  noteStranger(identity: string, did: string): Promise<void>
  /** Deletes that record, when there is nothing left to examine. */
  forgetStranger(stranger: Pick<UnprovenAccount, 'identity' | 'did'>): Promise<void>
  /** Those accounts, of one person or of everybody, at most `limit`. */
  strangers(of: { identity?: string; limit: number }): Promise<UnprovenAccount[]>
  /**
   * Finds people by a DID (also of a stranger's account under their code), by a handle on the PDS, or by a code (also a
   * former one).
   */
  find(words: { did: string; code: string; handles: readonly string[] }): Promise<string[]>
}

/**
 * `holdfast_people`: the data that Holdfast remembers of each person, so that a record the application loses is
 * restored as it was. It outlives the application's records, and is deleted with the person.
 */
export function createPersonMemory(db: Db): PersonMemory {
  const people = db.collection<PersonDocument>(COLLECTION)
  const users = db.collection<UserDocument>('users')
  const codes = db.collection<{ _id: string; identity: string }>('holdfast_codes')
  const prepare = memoizeSuccess(() =>
    callMongo(COLLECTION, 'createIndex', () =>
      people.createIndexes([
        { key: { codes: 1 } },
        { key: { did: 1 }, sparse: true },
        { key: { handle: 1 }, sparse: true },
        { key: { 'stranger.did': 1 }, sparse: true },
      ]),
    ),
  )

  const isReserved = async (code: string, identity: string): Promise<boolean> => {
    const reserved = await callMongo('holdfast_codes', 'find', () =>
      codes.findOne({ _id: code, identity: { $ne: identity } }, ONLY_ID),
    )
    return reserved !== null
  }

  return {
    ensureIndexes: prepare,

    async loadWithUser(identity, code) {
      const user = await callMongo('users', 'find', () => users.findOne({ _id: identity }))
      // The code is looked up only if one is about to be drawn.
      const asked = user?.code ? undefined : code
      const known = await callMongo(COLLECTION, 'find', () =>
        people
          .find(asked === undefined ? { _id: identity } : { $or: [{ _id: identity }, { codes: asked }] })
          .toArray(),
      )
      const own = known.find(({ _id }) => _id === identity)
      const others = known.some(({ _id }) => _id !== identity)
      const codeTaken = asked !== undefined && (others || (await isReserved(asked, identity)))
      return { user, remembered: own === undefined ? null : remembered(own), codeTaken }
    },

    async rememberUser(identity, { code, when }) {
      await callMongo(COLLECTION, 'update', () =>
        people.updateOne({ _id: identity }, { $set: { code, when }, $addToSet: { codes: code } }, UPSERT),
      )
    },

    async rememberAccount(identity, { did, handle, proof }) {
      await callMongo(COLLECTION, 'update', () =>
        people.updateOne({ _id: identity }, { $set: { did, handle, proof } }),
      )
    },

    async rememberHandle(identity, { did, handle }) {
      await callMongo(COLLECTION, 'update', () =>
        people.updateOne({ _id: identity, did }, { $set: { handle } }),
      )
    },

    async noteStranger(identity, did) {
      await callMongo(COLLECTION, 'update', () =>
        people.updateOne(
          { _id: identity, 'stranger.did': { $ne: did } },
          { $set: { stranger: { did, since: new Date() } } },
        ),
      )
    },

    async forgetStranger({ identity, did }) {
      await callMongo(COLLECTION, 'update', () =>
        people.updateOne({ _id: identity, 'stranger.did': did }, { $unset: { stranger: '' } }),
      )
    },

    strangers: ({ identity, limit }) =>
      callMongo(COLLECTION, 'find', async () => {
        const whose = identity === undefined ? {} : { _id: identity }
        const found = await people
          .find({ ...whose, 'stranger.did': { $gt: '' } }, { projection: { stranger: 1 }, limit })
          .toArray()
        return found.flatMap(({ _id, stranger }) =>
          stranger === undefined ? [] : [{ identity: _id, did: stranger.did, since: stranger.since }],
        )
      }),

    async loadMany(which) {
      const filter = 'after' in which ? rangeOf(which) : { _id: { $in: [...which] } }
      const found = await readByColumns<RememberedRow>(people, [{ $match: filter }], REMEMBERED_FIELDS)
      return new Map(found.map((person) => [person._id, remembered(person)]))
    },

    async rememberAll(all) {
      if (all.length === 0) return
      await prepare()
      await callMongo(COLLECTION, 'update', () =>
        people.bulkWrite(
          all.map(({ identity, code, when, account }) => ({
            updateOne: {
              filter: { _id: identity },
              update: { $set: { code, when, ...account }, $addToSet: { codes: code } },
              ...UPSERT,
            },
          })),
          { ordered: false },
        ),
      )
    },

    async forget(identities) {
      if (identities.length === 0) return
      const filter = { _id: { $in: [...identities] } }
      await callMongo(COLLECTION, 'delete', async () => {
        await reserveCodesOf(codes, await people.find(filter).toArray())
        await people.deleteMany(filter)
      })
    },

    async takenCodes(asked) {
      const among = { $in: [...asked] }
      const [had, reserved] = await Promise.all([
        callMongo(COLLECTION, 'find', () =>
          people.find({ codes: among }, { projection: { codes: 1 } }).toArray(),
        ),
        callMongo('holdfast_codes', 'find', () => codes.find({ _id: among }, ONLY_ID).toArray()),
      ])
      return new Set([...had.flatMap((person) => person.codes), ...reserved.map(({ _id }) => _id)])
    },

    async reserveHandles(handles) {
      if (handles.length === 0) return
      await callMongo('holdfast_codes', 'update', () =>
        codes.bulkWrite(
          handles.map((_id) => ({
            updateOne: {
              filter: { _id },
              update: { $setOnInsert: { identity: RESERVED_FOR_PDS_HANDLE } },
              ...UPSERT,
            },
          })),
          { ordered: false },
        ),
      )
    },

    ownersOf: (dids) =>
      callMongo(COLLECTION, 'find', async () => {
        const found = await people
          .find({ did: { $in: [...dids] } }, { projection: { _id: 1, did: 1 } })
          .toArray()
        const owners = new Map<string, string[]>()
        for (const { _id, did } of found)
          if (did !== undefined) owners.set(did, [...(owners.get(did) ?? []), _id])
        return owners
      }),

    async belongsToAnother(identity, did) {
      const another = { $ne: identity }
      const known = await callMongo(COLLECTION, 'find', () => people.findOne({ did, _id: another }, ONLY_ID))
      if (known !== null) return true
      // The application's collection has no index on the account, unless its operator created one.
      const named = await callMongoWithin(NAMED_MS, NAMING, (limit) =>
        users.findOne({ 'atproto.did': did, _id: another }, { ...ONLY_ID, ...limit }),
      )
      return named !== null
    },

    async movedToAnother(lost) {
      const moved = new Set<string>()
      const unmoved = (): Set<string> =>
        new Set([...lost].flatMap(([identity, did]) => (moved.has(identity) ? [] : [did])))
      const note = (owners: readonly { _id: string; did: string | undefined }[]): void => {
        const byDid = Map.groupBy(owners, ({ did }) => did)
        for (const [identity, did] of lost)
          if (byDid.get(did)?.some(({ _id }) => _id !== identity)) moved.add(identity)
      }
      if (lost.size === 0) return moved
      note(
        await callMongo(COLLECTION, 'find', () =>
          people
            .find({ did: { $in: [...unmoved()] } }, { projection: { did: 1 } })
            .map(({ _id, did }) => ({ _id, did }))
            .toArray(),
        ),
      )
      const dids = [...unmoved()]
      if (dids.length === 0) return moved
      note(
        await callMongoWithin(NAMED_MS, NAMING, (limit) =>
          users
            .find({ 'atproto.did': { $in: dids } }, { projection: { 'atproto.did': 1 }, ...limit })
            .map(({ _id, atproto }) => ({ _id, did: atproto?.did }))
            .toArray(),
        ),
      )
      return moved
    },

    async othersWith(identity, did) {
      const another = { $ne: identity }
      const [named, known] = await Promise.all([
        callMongoWithin(NAMED_MS, NAMING, (limit) =>
          users
            .find({ 'atproto.did': did, _id: another }, { ...ONLY_ID, ...limit })
            .limit(MOST_FOUND)
            .toArray(),
        ),
        callMongo(COLLECTION, 'find', () =>
          people.find({ did, _id: another }, ONLY_ID).limit(MOST_FOUND).toArray(),
        ),
      ])
      return { named: named.map(({ _id }) => _id), remembered: known.map(({ _id }) => _id) }
    },

    find: ({ did, code, handles }) =>
      callMongo(COLLECTION, 'find', async () => {
        const any = [{ did }, { 'stranger.did': did }, { codes: code }, { handle: { $in: [...handles] } }]
        const found = await people.find({ $or: any }, ONLY_ID).limit(MOST_FOUND).toArray()
        return found.map(({ _id }) => _id)
      }),
  }
}

/** The reservation of a code whose owner was deleted. It names nobody. */
export const RESERVED_FOR_DELETED = '(deleted)'
const UPSERT = { upsert: true } as const

/**
 * When the document is deleted, the codes in it stay reserved, for no person: those of our own document, or of a user
 * record.
 */
export async function reserveCodesOf(
  codes: Collection<{ _id: string; identity: string }>,
  documents: readonly Document[],
): Promise<void> {
  const had = documents.flatMap(({ code, codes: former }): unknown[] => [
    code,
    ...(Array.isArray(former) ? former : []),
  ])
  const all = [...new Set(had.filter((code): code is string => typeof code === 'string' && code !== ''))]
  if (all.length === 0) return
  await codes.bulkWrite(
    all.map((_id) => ({
      updateOne: { filter: { _id }, update: { $set: { identity: RESERVED_FOR_DELETED } }, ...UPSERT },
    })),
    { ordered: false },
  )
}

function remembered({ code, when, did, handle, proof }: RememberedRow): RememberedRecords {
  const known = did !== undefined && handle !== undefined && proof !== undefined
  return { code, when, account: known ? { did, handle, proof } : null }
}

function rangeOf({ after, upTo }: IdRange) {
  return { _id: { $gt: after, ...(upTo === null ? {} : { $lte: upTo }) } }
}
