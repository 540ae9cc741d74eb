import type { Db } from 'mongodb'
import { idsOfAudit, DELETE_BATCH_SIZE, deleteBatch } from '../../../adapters/mongo/lib/delete-batch.ts'
import { createExpiry } from '../../../adapters/mongo/lib/expiry.ts'
import { duplicateKey, callMongo } from '../../../adapters/mongo/lib/errors.ts'
import { readByColumns } from '../../../adapters/mongo/lib/read-by-columns.ts'
import type { IdRange } from '../lib/id-range.ts'

const IDENTITIES = 'holdfast_audit_identities'
const ACCOUNTS = 'holdfast_audit_accounts'
/** An audit deletes its copies when it ends; this limit is for those of a run that was killed. */
const KEEP_MS = 24 * 3_600_000

/** `_id`: the audit, a slash, the name. All documents of one audit are one range of the `_id` index. */
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

const IDENTITY_FIELDS = {
  _id: '$_id',
  createdAt: '$createdAt',
  verified: '$verified',
  address: '$address',
  alias: '$alias',
} as const

const ACCOUNT_FIELDS = {
  _id: '$_id',
  state: '$state',
  handle: '$handle',
  address: '$address',
  createdAt: '$createdAt',
} as const

export type ListedIdentity = Omit<IdentityDocument, '_id' | 'expiresAt'> & { readonly identity: string }
export type ListedAccount = Omit<AccountDocument, '_id' | 'expiresAt'> & { readonly did: string }
export interface AuditSnapshot {
  /** Both keep existing documents: a page that a retried activity writes twice is stored once. */
  addIdentities(audit: string, identities: readonly ListedIdentity[]): Promise<void>
  addAccounts(audit: string, accounts: readonly ListedAccount[]): Promise<void>
  /** Keeps only the `last` people who signed up last. */
  keepNewest(audit: string, last: number): Promise<void>
  counts(audit: string): Promise<{ identities: number; accounts: number }>
  rangeEnd(audit: string, after: string, size: number): Promise<string[]>
  identities(audit: string, which: IdRange | readonly string[]): Promise<Map<string, ListedIdentity>>
  accounts(audit: string, dids: readonly string[]): Promise<Map<string, ListedAccount>>
  /** The people who have one of these addresses, by identity: as their own, as their alias, or both. */
  withAddresses(audit: string, addresses: readonly string[]): Promise<Map<string, string[]>>
  /** A page of the accounts' DIDs in order, after `after`. */
  dids(audit: string, after: string, limit: number): Promise<string[]>
  /**
   * Deletes a batch of the audit's copies, and returns whether that was all. `keepPeople` keeps the identities, for a
   * backfill that audits the repaired people again.
   */
  deleteBatch(audit: string, options: { keepPeople: boolean }): Promise<{ all: boolean }>
}

/**
 * A snapshot of the data that an audit has read from outside, kept in MongoDB so that it is joined there and never held
 * in a process.
 */
export function createAuditSnapshot(db: Db): AuditSnapshot {
  const identities = db.collection<IdentityDocument>(IDENTITIES)
  const accounts = db.collection<AccountDocument>(ACCOUNTS)
  const expiries = [createExpiry(identities), createExpiry(accounts)]

  const add = async (name: string, write: () => Promise<unknown>): Promise<void> => {
    await callMongo(name, 'insert', async () => {
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

    async keepNewest(audit, last) {
      await callMongo(IDENTITIES, 'delete', async () => {
        const beyond = identities
          .find({ _id: idsOfAudit(audit) }, { projection: { _id: 1 } })
          .sort({ createdAt: -1, _id: -1 })
          .skip(last)
        let batch: string[] = []
        const drop = async (): Promise<void> => {
          await identities.deleteMany({ _id: { $in: batch } })
          batch = []
        }
        for await (const { _id } of beyond) {
          batch.push(_id)
          if (batch.length === DELETE_BATCH_SIZE) await drop()
        }
        if (batch.length > 0) await drop()
      })
    },

    async counts(audit) {
      const filter = { _id: idsOfAudit(audit) }
      const [people, hosted] = await Promise.all([
        callMongo(IDENTITIES, 'count', () => identities.countDocuments(filter)),
        callMongo(ACCOUNTS, 'count', () => accounts.countDocuments(filter)),
      ])
      return { identities: people, accounts: hosted }
    },

    rangeEnd: (audit, after, size) =>
      callMongo(IDENTITIES, 'find', async () => {
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
      const found = await readByColumns<Omit<IdentityDocument, 'expiresAt'>>(
        identities,
        [{ $match: { _id: filter } }],
        IDENTITY_FIELDS,
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
      const found = await readByColumns<Omit<AccountDocument, 'expiresAt'>>(
        accounts,
        [{ $match: { _id: { $in: ids } } }],
        ACCOUNT_FIELDS,
      )
      return new Map(
        found.map(({ _id, ...rest }) => {
          const did = nameIn(audit, _id)
          return [did, { did, ...rest }]
        }),
      )
    },

    async withAddresses(audit, addresses) {
      const among = { $in: [...addresses] }
      const found = await callMongo(IDENTITIES, 'find', () =>
        identities
          .find({ _id: idsOfAudit(audit), $or: [{ address: among }, { alias: among }] } as object)
          .project<Pick<IdentityDocument, '_id' | 'address' | 'alias'>>({ address: 1, alias: 1 })
          .toArray(),
      )
      return new Map(
        found.map(({ _id, address, alias }) => [
          nameIn(audit, _id),
          [address, alias].filter((one) => one !== null),
        ]),
      )
    },

    async dids(audit, after, limit) {
      const filter = { _id: within(audit, { after, upTo: null }) }
      const page = [{ $match: filter }, { $sort: { _id: 1 } }, { $limit: limit }]
      const found = await readByColumns<Pick<AccountDocument, '_id'>>(accounts, page, { _id: '$_id' })
      return found.map(({ _id }) => nameIn(audit, _id))
    },

    async deleteBatch(audit, { keepPeople }) {
      const dropped = await Promise.all([
        deleteBatch(accounts, audit),
        ...(keepPeople ? [] : [deleteBatch(identities, audit)]),
      ])
      return { all: dropped.every((all) => all) }
    },
  }
}

function key(audit: string, name: string): string {
  return `${audit}/${name}`
}

function nameIn(audit: string, id: string): string {
  return id.slice(audit.length + 1)
}

function within(audit: string, { after, upTo }: IdRange): object {
  return { $gt: key(audit, after), ...(upTo === null ? { $lt: `${audit}0` } : { $lte: key(audit, upTo) }) }
}
