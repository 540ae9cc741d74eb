import type { Collection, Db } from 'mongodb'
import { createExpiry } from './expiry.ts'
import { duplicateKey, inMongo } from './errors.ts'
import type { IdRange } from './stores.ts'

const IDENTITIES = 'holdfast_audit_identities'
const ACCOUNTS = 'holdfast_audit_accounts'
const MARKS = 'holdfast_audit_marks'
/** An audit drops its copies when it ends; this is for what a run leaves that was killed. */
const KEEP_MS = 24 * 3_600_000

const DROPPED_AT_ONCE = 10_000

/** `_id`: the audit, a slash, the name. Everything of one audit is one range of the index every collection has. */
interface IdentityDocument {
  _id: string
  createdAt: Date
  verified: boolean
  address: string | null
  alias: string | null
  expiresAt: Date
}

interface AccountDocument {
  _id: string
  state: string
  handle: string | null
  address: string | null
  createdAt: Date | null
  expiresAt: Date
}

interface MarkDocument {
  _id: string
  expiresAt: Date
}

export type ListedIdentity = Omit<IdentityDocument, '_id' | 'expiresAt'> & { readonly identity: string }
export type ListedAccount = Omit<AccountDocument, '_id' | 'expiresAt'> & { readonly did: string }
/** `running`: a signup nothing holds up, by its workflow id. `code`: one that several users have. */
export type MarkKind = 'running' | 'code'

export interface AuditListing {
  /** Both keep what is there: a page written twice, by a step that was tried again, stands once. */
  addIdentities(audit: string, identities: readonly ListedIdentity[]): Promise<void>
  addAccounts(audit: string, accounts: readonly ListedAccount[]): Promise<void>
  mark(audit: string, kind: MarkKind, names: readonly string[]): Promise<void>
  /** Those of the names that are marked; where nothing is, the names are not even asked for. */
  marked(audit: string, kind: MarkKind, names: () => readonly string[]): Promise<Set<string>>
  /** Leaves the `last` who signed up last. */
  trim(audit: string, last: number): Promise<void>
  counts(audit: string): Promise<{ identities: number; accounts: number }>
  bounds(audit: string, after: string, size: number): Promise<string[]>
  identities(audit: string, which: IdRange | readonly string[]): Promise<Map<string, ListedIdentity>>
  accounts(audit: string, dids: readonly string[]): Promise<Map<string, ListedAccount>>
  /** A page of the accounts' DIDs in order, those after `after`. */
  dids(audit: string, after: string, limit: number): Promise<string[]>
  /**
   * Takes away a batch of what the audit copied, and says whether that was all. `keepPeople` leaves the identities,
   * for a backfill that looks again at those it touched.
   */
  dropSome(audit: string, options: { keepPeople: boolean }): Promise<{ all: boolean }>
}

/** What an audit has read from outside, kept in MongoDB so that it is joined there and never held in a process. */
export function createAuditListing(db: Db): AuditListing {
  const identities = db.collection<IdentityDocument>(IDENTITIES)
  const accounts = db.collection<AccountDocument>(ACCOUNTS)
  const marks = db.collection<MarkDocument>(MARKS)
  const expiries = [createExpiry(identities), createExpiry(accounts), createExpiry(marks)]

  const add = async (name: string, write: () => Promise<unknown>): Promise<void> => {
    await inMongo(name, 'insert', async () => {
      await Promise.all(expiries.map((expire) => expire()))
      try {
        await write()
      } catch (error) {
        if (duplicateKey(error) === null) throw error // written by an attempt before this one
      }
    })
  }
  const until = (): Date => new Date(Date.now() + KEEP_MS)

  return {
    async addIdentities(audit, page) {
      const expiresAt = until()
      const documents = page.map(({ identity, ...rest }) => ({
        _id: key(audit, identity),
        ...rest,
        expiresAt,
      }))
      if (documents.length > 0)
        await add(IDENTITIES, () => identities.insertMany(documents, { ordered: false }))
    },

    async addAccounts(audit, page) {
      const expiresAt = until()
      const documents = page.map(({ did, ...rest }) => ({
        _id: key(audit, did),
        ...rest,
        expiresAt,
      }))
      if (documents.length > 0) await add(ACCOUNTS, () => accounts.insertMany(documents, { ordered: false }))
    },

    async mark(audit, kind, names) {
      const expiresAt = until()
      const documents = names.map((name) => ({ _id: key(`${audit}/${kind}`, name), expiresAt }))
      if (documents.length > 0) await add(MARKS, () => marks.insertMany(documents, { ordered: false }))
    },

    async marked(audit, kind, names) {
      const prefix = `${audit}/${kind}`
      const found = await inMongo(MARKS, 'find', async () => {
        if ((await marks.findOne({ _id: allOf(prefix) })) === null) return []
        const ids = names().map((name) => key(prefix, name))
        return marks.find({ _id: { $in: ids } }).toArray()
      })
      return new Set(found.map(({ _id }) => _id.slice(prefix.length + 1)))
    },

    async trim(audit, last) {
      await inMongo(IDENTITIES, 'delete', async () => {
        const beyond = identities
          .find({ _id: allOf(audit) }, { projection: { _id: 1 } })
          .sort({ createdAt: -1, _id: -1 })
          .skip(last)
        let batch: string[] = []
        const drop = async (): Promise<void> => {
          await identities.deleteMany({ _id: { $in: batch } })
          batch = []
        }
        for await (const { _id } of beyond) {
          batch.push(_id)
          if (batch.length === DROPPED_AT_ONCE) await drop()
        }
        if (batch.length > 0) await drop()
      })
    },

    async counts(audit) {
      const filter = { _id: allOf(audit) }
      const [people, hosted] = await Promise.all([
        inMongo(IDENTITIES, 'count', () => identities.countDocuments(filter)),
        inMongo(ACCOUNTS, 'count', () => accounts.countDocuments(filter)),
      ])
      return { identities: people, accounts: hosted }
    },

    bounds: (audit, after, size) =>
      inMongo(IDENTITIES, 'find', async () => {
        const found = await identities
          .find({ _id: within(audit, { after, upTo: null }) }, { projection: { _id: 1 } })
          .sort({ _id: 1 })
          .skip(size - 1)
          .limit(1)
          .toArray()
        return found.map(({ _id }) => nameIn(audit, _id))
      }),

    async identities(audit, which) {
      const filter = 'after' in which ? within(audit, which) : { $in: which.map((name) => key(audit, name)) }
      const found = await inMongo(IDENTITIES, 'find', () =>
        identities.find({ _id: filter }, { projection: { expiresAt: 0 }, batchSize: 10_000 }).toArray(),
      )
      return new Map(
        found.map(({ _id, ...rest }) => {
          const identity = nameIn(audit, _id)
          return [identity, { identity, ...rest }]
        }),
      )
    },

    async accounts(audit, dids) {
      if (dids.length === 0) return new Map()
      const ids = dids.map((did) => key(audit, did))
      const found = await inMongo(ACCOUNTS, 'find', () =>
        accounts.find({ _id: { $in: ids } }, { projection: { expiresAt: 0 }, batchSize: 10_000 }).toArray(),
      )
      return new Map(
        found.map(({ _id, ...rest }) => {
          const did = nameIn(audit, _id)
          return [did, { did, ...rest }]
        }),
      )
    },

    async dids(audit, after, limit) {
      const filter = { _id: within(audit, { after, upTo: null }) }
      const found = await inMongo(ACCOUNTS, 'find', () =>
        accounts
          .find(filter, { projection: { _id: 1 }, batchSize: limit })
          .sort({ _id: 1 })
          .limit(limit)
          .toArray(),
      )
      return found.map(({ _id }) => nameIn(audit, _id))
    },

    async dropSome(audit, { keepPeople }) {
      const dropped = await Promise.all([
        dropBatch(accounts, audit),
        dropBatch(marks, audit),
        ...(keepPeople ? [] : [dropBatch(identities, audit)]),
      ])
      return { all: dropped.every((all) => all) }
    },
  }
}

/** Whether that was all of them. */
function dropBatch<T extends { _id: string }>(copy: Collection<T>, audit: string): Promise<boolean> {
  return inMongo(copy.collectionName, 'delete', async () => {
    const [end] = await copy
      .find({ _id: allOf(audit) } as object, { projection: { _id: 1 } })
      .sort({ _id: 1 })
      .skip(DROPPED_AT_ONCE - 1)
      .limit(1)
      .toArray()
    const batch = end === undefined ? allOf(audit) : { $gt: `${audit}/`, $lte: end._id }
    await copy.deleteMany({ _id: batch } as object)
    return end === undefined
  })
}

function key(audit: string, name: string): string {
  return `${audit}/${name}`
}

function nameIn(audit: string, id: string): string {
  return id.slice(audit.length + 1)
}

/** '0' is what follows '/'. */
function allOf(audit: string): { $gt: string; $lt: string } {
  return { $gt: `${audit}/`, $lt: `${audit}0` }
}

function within(audit: string, { after, upTo }: IdRange): object {
  return { $gt: key(audit, after), ...(upTo === null ? { $lt: `${audit}0` } : { $lte: key(audit, upTo) }) }
}
