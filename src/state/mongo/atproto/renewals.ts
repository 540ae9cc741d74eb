import type { Db, Document } from 'mongodb'
import type { UserDocument } from '../../../adapters/mongo/documents.ts'
import { callMongo } from '../../../adapters/mongo/lib/errors.ts'
import type { Keyring } from '../../../crypto/keyring.ts'

const COLLECTION = 'holdfast_renewals'
const PAGE = 200

interface RenewalDocument {
  _id: string
  did: string
  /** Sealed; null once the user record has it. */
  password: string | null
  begunAt: Date
  doneAt: Date | null
}

/** A person whose account's password is stored. */
export interface StoredAccount {
  readonly identity: string
  readonly did: string
}

export interface IntendedPassword {
  /** The new password; null for an account whose renewal is complete. */
  readonly password: string | null
}

export interface RenewalsBegun {
  readonly begun: number
  readonly done: number
  /** The start of the earliest one; null where there is none. */
  readonly since: Date | null
}

/** Passwords that are being replaced: the new one is stored before it is sent to any other store or the PDS. */
export interface Renewals {
  /** Everybody with an account password in their user record, in pages by identity. */
  accounts(): AsyncGenerator<readonly StoredAccount[]>
  /** The number of signups whose password is drawn, but not yet in a user record. */
  drawn(): Promise<number>
  /** The state of renewals that were interrupted. */
  begun(): Promise<RenewalsBegun>
  /** Stores a new password for an account, once: repeated calls return the same one until the renewal ends. */
  intend(account: StoredAccount, newPassword: () => string): Promise<IntendedPassword>
  /**
   * Writes a password, in its stored form, into the user record; false where the record now names another account, or
   * is gone.
   */
  replace(account: StoredAccount, stored: string): Promise<boolean>
  /** Called when the user record has the new password and no step is left. */
  finish(account: StoredAccount): Promise<void>
  /** Deletes one renewal whose person is gone, or has another account. */
  drop(identity: string): Promise<void>
  /** Ends the renewal of these people: the next one draws new passwords for all of them. Incomplete renewals stay. */
  end(isTheirs: (identity: string) => boolean): Promise<void>
}

export function createRenewals(db: Db, keyring: Keyring): Renewals {
  const renewals = db.collection<RenewalDocument>(COLLECTION)
  const users = db.collection<UserDocument>('users')
  const at = (person: string) => ({ collection: COLLECTION, person, field: 'password' })

  async function* pages<T extends { _id: string }>(
    read: (from: Document) => Promise<T[]>,
  ): AsyncGenerator<readonly T[]> {
    let after: string | null = null
    for (;;) {
      const page: T[] = await read(after === null ? {} : { _id: { $gt: after } })
      const last = page.at(-1)
      if (last === undefined) return
      yield page
      after = last._id
    }
  }

  return {
    async *accounts() {
      const text = { $type: 'string', $ne: '' } as const
      const held = { 'atproto.did': text, 'atproto.password': text }
      const read = (from: Document) =>
        callMongo('users', 'find', () =>
          users
            .find({ $and: [from, { _id: { $type: 'string' } }, held] }, { projection: { 'atproto.did': 1 } })
            .sort({ _id: 1 })
            .limit(PAGE)
            .toArray(),
        )
      for await (const page of pages(read))
        yield page.map(({ _id, atproto }) => ({ identity: _id, did: atproto?.did ?? '' }))
    },

    drawn: () =>
      callMongo('holdfast_intents', 'find', () => db.collection('holdfast_intents').countDocuments()),

    begun: () =>
      callMongo(COLLECTION, 'find', async () => {
        const [first] = await renewals.find().sort({ begunAt: 1 }).limit(1).toArray()
        const begun = await renewals.countDocuments()
        const done = await renewals.countDocuments({ doneAt: { $ne: null } })
        return { begun, done, since: first?.begunAt ?? null }
      }),

    async intend({ identity, did }, newPassword) {
      const fresh = (): Omit<RenewalDocument, '_id'> => ({
        did,
        password: keyring.seal(newPassword(), at(identity)),
        begunAt: new Date(),
        doneAt: null,
      })
      const found = await callMongo(COLLECTION, 'update', async () => {
        await renewals.deleteOne({ _id: identity, did: { $ne: did } }) // of an account they had before
        return renewals.findOneAndUpdate(
          { _id: identity },
          { $setOnInsert: fresh() },
          { upsert: true, returnDocument: 'after' },
        )
      })
      if (found === null || found.did !== did) throw new Error('another renewal of this account runs')
      return { password: found.password === null ? null : keyring.open(found.password, at(identity)) }
    },

    replace: ({ identity, did }, stored) =>
      callMongo('users', 'update', async () => {
        const { matchedCount } = await users.updateOne({ _id: identity, 'atproto.did': did }, [
          { $set: { 'atproto.password': { $literal: stored } } },
        ])
        return matchedCount > 0
      }),

    async finish({ identity, did }) {
      await callMongo(COLLECTION, 'update', () =>
        renewals.updateOne({ _id: identity, did }, { $set: { password: null, doneAt: new Date() } }),
      )
    },

    async drop(identity) {
      await callMongo(COLLECTION, 'delete', () => renewals.deleteOne({ _id: identity }))
    },

    async end(isTheirs) {
      const read = (from: Document) =>
        callMongo(COLLECTION, 'find', () =>
          renewals
            .find({ $and: [from, { doneAt: { $ne: null } }] }, { projection: { _id: 1 } })
            .sort({ _id: 1 })
            .limit(PAGE)
            .toArray(),
        )
      for await (const page of pages(read)) {
        const theirs = page.map(({ _id }) => _id).filter((identity) => isTheirs(identity))
        await callMongo(COLLECTION, 'delete', () => renewals.deleteMany({ _id: { $in: theirs } }))
      }
    },
  }
}
