import type { Collection, Db } from 'mongodb'
import type { StoredPerson } from '../../domain/atproto/gap-rules.ts'
import { PROBE_IDENTITIES } from '../../domain/atproto/probe.ts'
import type { HandleDocument, UserDocument, VerificationDocument } from './documents.ts'
import { callMongo } from './lib/errors.ts'
import { readByColumns } from './lib/read-by-columns.ts'
import type { IdRange } from '../../state/mongo/lib/id-range.ts'
import { eachSharedCode, FULL_PASS_MS } from './shared-codes.ts'

export interface ApplicationRecords {
  /**
   * Without probes; `probeAccounts` are the accounts that their records name, to be subtracted from those the PDS
   * hosts.
   */
  counts(): Promise<{ verifications: number; users: number; handles: number; probeAccounts: number }>
  /** For each store, the id that is `size` places after `after`; stores with fewer are left out. */
  rangeEnds(after: string, size: number): Promise<string[]>
  /** All three stores joined: the people in a range, or those in a list. One query per store, whatever the number. */
  load(which: IdRange | readonly string[]): Promise<Map<string, StoredPerson>>
  /**
   * A page of the DIDs in user records, in order, after `after`. Each page costs a pass over the users, so it should be
   * large.
   */
  dids(after: string, limit: number): Promise<string[]>
  /** Codes of text that more than one user has, passed on in batches. */
  sharedCodes(each: (codes: string[]) => Promise<void>): Promise<void>
}

/** As other programs wrote them: of any type, or missing. */
interface VerificationRow {
  _id: string
  count?: unknown
}
interface UserRow {
  _id: string
  code?: unknown
  when?: unknown
  did?: unknown
  handle?: unknown
}
interface HandleRow {
  _id: string
  handle?: unknown
}

const USER_FIELDS = {
  _id: '$_id',
  code: '$code',
  when: '$when',
  did: '$atproto.did',
  handle: '$atproto.handle',
} as const

/** The application's collections as audits read them: in order of `_id`, by its index, and never one user at a time. */
export function createApplicationRecords(db: Db): ApplicationRecords {
  const verifications = db.collection<VerificationDocument>('verifications')
  const users = db.collection<UserDocument>('users')
  const handles = db.collection<HandleDocument>('@handles')

  const boundIn = <T extends { _id: string }>(collection: Collection<T>, after: string, size: number) =>
    callMongo(collection.collectionName, 'find', async () => {
      const [found] = await collection
        .find({ _id: { $gt: after } } as object, { projection: { _id: 1 } })
        .sort({ _id: 1 })
        .skip(size - 1)
        .limit(1)
        .toArray()
      return found === undefined ? [] : [found._id]
    })

  return {
    async counts() {
      const real = { _id: { $not: PROBE_IDENTITIES } }
      const probed = { _id: PROBE_IDENTITIES, 'atproto.did': { $exists: true } }
      const [counted, known, chosen, probeAccounts] = await Promise.all([
        callMongo('verifications', 'count', () => verifications.countDocuments(real)),
        callMongo('users', 'count', () => users.countDocuments(real)),
        callMongo('@handles', 'count', () => handles.countDocuments(real)),
        callMongo('users', 'count', () => users.countDocuments(probed)),
      ])
      return { verifications: counted, users: known, handles: chosen, probeAccounts }
    },

    async rangeEnds(after, size) {
      const found = await Promise.all([
        boundIn(verifications, after, size),
        boundIn(users, after, size),
        boundIn(handles, after, size),
      ])
      return found.flat()
    },

    async load(which) {
      const filter = [{ $match: 'after' in which ? rangeFilter(which) : { _id: { $in: which } } }]
      const [counted, known, chosen] = await Promise.all([
        readByColumns<VerificationRow>(verifications, filter, { _id: '$_id', count: '$count' }),
        readByColumns<UserRow>(users, filter, USER_FIELDS),
        readByColumns<HandleRow>(handles, filter, { _id: '$_id', handle: '$handle' }),
      ])
      const people = new Map<string, Mutable<StoredPerson>>()
      const of = (id: string): Mutable<StoredPerson> => {
        const found = people.get(id) ?? { verifications: null, user: null, chosenHandle: null }
        people.set(id, found)
        return found
      }
      for (const { _id, count } of counted) of(_id).verifications = typeof count === 'number' ? count : 0
      for (const { _id, code, when, did, handle } of known)
        of(_id).user = { code, when: dateOf(when), did: text(did), handle: text(handle) }
      for (const { _id, handle } of chosen) of(_id).chosenHandle = text(handle)
      return people
    },

    // No index contains them: a page is one pass over the users that keeps the first `limit` DIDs.
    async dids(after, limit) {
      const page = [
        { $match: { 'atproto.did': { $type: 'string', $gt: after } } },
        { $project: { _id: 0, did: '$atproto.did' } },
        { $sort: { did: 1 } },
        { $limit: limit },
      ]
      const found = await readByColumns<{ did: string }>(users, page, { did: '$did' })
      return found.map(({ did }) => did)
    },

    sharedCodes: (each) =>
      eachSharedCode(db, { withinMs: FULL_PASS_MS }, (shared) =>
        each(shared.flatMap(({ code }) => (typeof code === 'string' && code !== '' ? [code] : []))),
      ),
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

function rangeFilter({ after, upTo }: IdRange): object {
  return { _id: { $gt: after, ...(upTo === null ? {} : { $lte: upTo }) } }
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

/** The application may have stored a time in another type than Date: any value counts as present. */
function dateOf(value: unknown): Date | null {
  if (value === null || value === undefined) return null
  const date = new Date(
    typeof value === 'string' || typeof value === 'number' || value instanceof Date ? value : 0,
  )
  return Number.isNaN(date.getTime()) ? new Date(0) : date
}

/** Roughly how many people have a user record, from which the safety limits are computed. */
export function estimateUsers(db: Db): Promise<number> {
  return callMongo('users', 'find', () => db.collection('users').estimatedDocumentCount())
}
