import type { Db } from 'mongodb'
import type { Keyring } from '../../crypto/keyring.ts'
import { duplicateKey, inMongo } from './errors.ts'

const COLLECTION = 'holdfast_intents'

interface IntentDocument {
  _id: string
  email: string
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
  readonly email: string
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
  /** Fixes what the next call will say, before it is made. */
  aim(identity: string, handle: string, inviteCode: string | null): Promise<void>
  /** Drops the intent once the account stands in `users`. */
  settle(identity: string): Promise<void>
}

/** `holdfast_intents`: e-mail, password and invite code are sealed, whatever the application's own storage is. */
export function createIntents(db: Db, keyring: Keyring): Intents {
  const intents = db.collection<IntentDocument>(COLLECTION)
  const at = (person: string, field: string) => ({ collection: COLLECTION, person, field })
  const find = (identity: string) => inMongo(COLLECTION, 'find', () => intents.findOne({ _id: identity }))
  const openEmail = (found: IntentDocument) => keyring.open(found.email, at(found._id, 'email'))

  return {
    async prepare(identity, email, newPassword) {
      const sealedEmail = keyring.seal(email, at(identity, 'email'))
      const found = await find(identity)
      if (found !== null) {
        if (openEmail(found) === email) return
        await inMongo(COLLECTION, 'update', () =>
          intents.updateOne(
            { _id: identity, email: found.email },
            {
              $set: { email: sealedEmail },
              ...(found.attemptedAt === null ? {} : { $push: { earlierEmails: found.email } }),
            },
          ),
        )
        return
      }
      const document: IntentDocument = {
        _id: identity,
        email: sealedEmail,
        earlierEmails: [],
        password: keyring.seal(newPassword(), at(identity, 'password')),
        handle: null,
        inviteCode: null,
        attemptedAt: null,
        preparedAt: new Date(),
      }
      await inMongo(COLLECTION, 'insert', async () => {
        try {
          await intents.insertOne(document)
        } catch (error) {
          if (duplicateKey(error) === null) throw error // a run beside us prepared it first; its password stands
        }
      })
    },

    async load(identity) {
      const found = await find(identity)
      if (found === null) return null
      return {
        email: openEmail(found),
        earlierEmails: found.earlierEmails.map((sealed) => keyring.open(sealed, at(identity, 'email'))),
        password: keyring.open(found.password, at(identity, 'password')),
        handle: found.handle,
        inviteCode:
          found.inviteCode === null ? null : keyring.open(found.inviteCode, at(identity, 'inviteCode')),
        attempted: found.attemptedAt !== null,
      }
    },

    async aim(identity, handle, inviteCode) {
      const sealedInvite = inviteCode === null ? null : keyring.seal(inviteCode, at(identity, 'inviteCode'))
      await inMongo(COLLECTION, 'update', () =>
        intents.updateOne({ _id: identity }, [
          {
            $set: {
              handle,
              inviteCode: { $literal: sealedInvite },
              attemptedAt: { $ifNull: ['$attemptedAt', '$$NOW'] },
            },
          },
        ]),
      )
    },

    async settle(identity) {
      await inMongo(COLLECTION, 'delete', () => intents.deleteOne({ _id: identity }))
    },
  }
}
