import type { Db } from 'mongodb'
import type { Keyring } from '../../crypto/keyring.ts'
import { duplicateKey, inMongo } from './errors.ts'

const COLLECTION = 'holdfast_intents'

interface IntentDocument {
  _id: string
  email: string
  /** Sealed like the address; null while the account is to have the plain one. */
  alias: string | null
  /** Addresses an attempt may have used before the address changed. */
  earlierEmails: string[]
  password: string
  handle: string | null
  inviteCode: string | null
  /** When createAccount was first about to be called; null while it never was. */
  attemptedAt: Date | null
  preparedAt: Date
}

/** An account we mean to create: written before the call, so that a lost answer can be told from a lost call. */
export interface Intent {
  /** The person's own address. */
  readonly email: string
  /** What the account is made with in its place, since another account of the person holds the plain one. */
  readonly alias: string | null
  readonly earlierEmails: readonly string[]
  readonly password: string
  readonly handle: string | null
  readonly inviteCode: string | null
  /** Whether an earlier attempt may have got through. */
  readonly attempted: boolean
}

export interface Intents {
  /** Stores the verified address, and a password drawn once. A later, different address takes its place. */
  prepare(identity: string, email: string, newPassword: () => string): Promise<void>
  load(identity: string): Promise<Intent | null>
  /** Fixes what the next call will say, before it is made. An alias that was aimed at once stays. */
  aim(identity: string, aim: Pick<Intent, 'alias' | 'inviteCode'> & { handle: string }): Promise<void>
  /** Stores all of it as it was, an attempt having been made: an account that a lost answer made is found by it. */
  putBack(identity: string, intent: Omit<Intent, 'attempted'>): Promise<void>
  /** Drops the intent once the account stands in `users`. */
  settle(identity: string): Promise<void>
}

/** `holdfast_intents`: e-mail, password and invite code are sealed, whatever the application's own storage is. */
export function createIntents(db: Db, keyring: Keyring): Intents {
  const intents = db.collection<IntentDocument>(COLLECTION)
  const at = (person: string, field: string) => ({ collection: COLLECTION, person, field })
  const find = (identity: string) => inMongo(COLLECTION, 'find', () => intents.findOne({ _id: identity }))
  const openEmail = (found: IntentDocument) => keyring.open(found.email, at(found._id, 'email'))

  const documentOf = (
    identity: string,
    { email, alias, earlierEmails, password, handle, inviteCode }: Omit<Intent, 'attempted'>,
    attemptedAt: Date | null,
  ): Omit<IntentDocument, '_id'> => {
    const seal = (plain: string, field: string): string => keyring.seal(plain, at(identity, field))
    return {
      email: seal(email, 'email'),
      alias: alias === null ? null : seal(alias, 'email'),
      earlierEmails: earlierEmails.map((one) => seal(one, 'email')),
      password: seal(password, 'password'),
      handle,
      inviteCode: inviteCode === null ? null : seal(inviteCode, 'inviteCode'),
      attemptedAt,
      preparedAt: new Date(),
    }
  }

  const prepare: Intents['prepare'] = async (identity, email, newPassword) => {
    const found = await find(identity)
    if (found !== null) {
      if (openEmail(found) === email) return
      const sealedEmail = keyring.seal(email, at(identity, 'email'))
      const { matchedCount } = await inMongo(COLLECTION, 'update', () =>
        intents.updateOne({ _id: identity, email: found.email }, [
          { $set: { email: { $literal: sealedEmail }, alias: null, earlierEmails: USED_SO_FAR } },
        ]),
      )
      // Changed beside us, be it only by being sealed with a new key: look again.
      return matchedCount === 0 ? prepare(identity, email, newPassword) : undefined
    }
    const fresh = { email, alias: null, earlierEmails: [], handle: null, inviteCode: null }
    const document = documentOf(identity, { ...fresh, password: newPassword() }, null)
    await inMongo(COLLECTION, 'insert', async () => {
      try {
        await intents.insertOne({ _id: identity, ...document })
      } catch (error) {
        if (duplicateKey(error) === null) throw error // a run beside us prepared it first; its password stands
      }
    })
  }

  return {
    prepare,

    async load(identity) {
      const found = await find(identity)
      if (found === null) return null
      return {
        email: openEmail(found),
        alias: found.alias === null ? null : keyring.open(found.alias, at(identity, 'email')),
        earlierEmails: found.earlierEmails.map((sealed) => keyring.open(sealed, at(identity, 'email'))),
        password: keyring.open(found.password, at(identity, 'password')),
        handle: found.handle,
        inviteCode:
          found.inviteCode === null ? null : keyring.open(found.inviteCode, at(identity, 'inviteCode')),
        attempted: found.attemptedAt !== null,
      }
    },

    async aim(identity, { handle, alias, inviteCode }) {
      const sealedAlias = alias === null ? null : keyring.seal(alias, at(identity, 'email'))
      const sealedInvite = inviteCode === null ? null : keyring.seal(inviteCode, at(identity, 'inviteCode'))
      await inMongo(COLLECTION, 'update', () =>
        intents.updateOne({ _id: identity }, [
          {
            $set: {
              handle,
              alias: { $ifNull: ['$alias', { $literal: sealedAlias }] },
              inviteCode: { $literal: sealedInvite },
              attemptedAt: { $ifNull: ['$attemptedAt', '$$NOW'] },
            },
          },
        ]),
      )
    },

    async putBack(identity, intent) {
      const document = documentOf(identity, intent, new Date())
      await inMongo(COLLECTION, 'update', () =>
        intents.replaceOne({ _id: identity }, document, { upsert: true }),
      )
    },

    async settle(identity) {
      await inMongo(COLLECTION, 'delete', () => intents.deleteOne({ _id: identity }))
    },
  }
}

/** Once a call may have been made: what there was, the address it was made with, and its alias. */
const USED_SO_FAR = {
  $cond: [
    { $eq: ['$attemptedAt', null] },
    '$earlierEmails',
    { $concatArrays: ['$earlierEmails', ['$email'], { $cond: [{ $eq: ['$alias', null] }, [], ['$alias']] }] },
  ],
}
