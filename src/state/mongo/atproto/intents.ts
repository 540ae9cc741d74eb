import type { Db } from 'mongodb'
import type { Keyring } from '../../../crypto/keyring.ts'
import { neverCancelled, type CancellationCheck } from '../../../adapters/cancellation-check.ts'
import { duplicateKey, callMongo } from '../../../adapters/mongo/lib/errors.ts'

const COLLECTION = 'holdfast_intents'

interface IntentDocument {
  _id: string
  email: string
  /** Sealed like the address; null while the account is to have the plain one. */
  alias: string | null
  /** Addresses that an attempt may have used before the address changed. */
  earlierEmails: string[]
  password: string
  handle: string | null
  inviteCode: string | null
  /** The time just before the first call of createAccount; null before it. */
  attemptedAt: Date | null
  preparedAt: Date
}

/**
 * An account that Holdfast is about to create: stored before the call, so that a lost answer can be distinguished from
 * a lost call.
 */
export interface Intent {
  /** The person's own address. */
  readonly email: string
  /** The address used for the account instead, since a linked identity's account has the plain one. */
  readonly alias: string | null
  readonly earlierEmails: readonly string[]
  readonly password: string
  readonly handle: string | null
  readonly inviteCode: string | null
  /** Whether an earlier attempt may have succeeded. */
  readonly attempted: boolean
  /** The time at which it was stored, or its address last changed. */
  readonly preparedAt: Date
}

/** An intent's data on the account, without its times and attempts. */
export type IntentContent = Omit<Intent, 'attempted' | 'preparedAt'>

export interface Intents {
  /**
   * Stores the verified address, and a password that is drawn once. A later, different address replaces the address.
   */
  prepare(identity: string, email: string, newPassword: () => string): Promise<void>
  load(identity: string): Promise<Intent | null>
  /**
   * Records the content of the next call before it is made; false when the intent is gone, so that the call must not be
   * made. An alias stays once it was recorded.
   */
  recordAttempt(
    identity: string,
    aim: Pick<Intent, 'alias' | 'inviteCode'> & { handle: string },
  ): Promise<boolean>
  /** Stores the whole content as it was, as already attempted: an account that a lost answer created is found by it. */
  restore(identity: string, intent: IntentContent): Promise<void>
  /** Deletes this intent once the account is in `users`; an intent that changed meanwhile stays. */
  discard(identity: string, intent: Pick<Intent, 'preparedAt'>): Promise<void>
  /**
   * At most `limit` intents that were prepared before that time, led to no call, and whose person has an account: a
   * write that came through after its step had ended leaves one. In the order of their identities, from the one after
   * `after` on.
   */
  findLeftOver(preparedBefore: Date, limit: number, after: string | null): Promise<LeftOverIntent[]>
  /** Deletes such an intent, unless an attempt was made with it or its address changed meanwhile. */
  discardLeftOver(intent: LeftOverIntent): Promise<void>
}

export interface LeftOverIntent extends Pick<Intent, 'preparedAt'> {
  readonly identity: string
}

/**
 * `holdfast_intents`: e-mail, password and invite code are always sealed, whatever the application's own storage is.
 * `check` is called before each write.
 */
export function createIntents(db: Db, keyring: Keyring, check: CancellationCheck = neverCancelled): Intents {
  const intents = db.collection<IntentDocument>(COLLECTION)
  const at = (person: string, field: string) => ({ collection: COLLECTION, person, field })
  const find = (identity: string) => callMongo(COLLECTION, 'find', () => intents.findOne({ _id: identity }))
  const openEmail = (found: IntentDocument) => keyring.open(found.email, at(found._id, 'email'))

  const documentOf = (
    identity: string,
    { email, alias, earlierEmails, password, handle, inviteCode }: IntentContent,
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
      check()
      const { matchedCount } = await callMongo(COLLECTION, 'update', () =>
        intents.updateOne({ _id: identity, email: found.email }, [
          {
            $set: {
              email: { $literal: sealedEmail },
              alias: null,
              earlierEmails: EARLIER_ADDRESSES,
              preparedAt: '$$NOW',
            },
          },
        ]),
      )
      // Another process changed it, perhaps only by sealing it with a new key: read it again.
      return matchedCount === 0 ? prepare(identity, email, newPassword) : undefined
    }
    const fresh = { email, alias: null, earlierEmails: [], handle: null, inviteCode: null }
    const document = documentOf(identity, { ...fresh, password: newPassword() }, null)
    check()
    await callMongo(COLLECTION, 'insert', async () => {
      try {
        await intents.insertOne({ _id: identity, ...document })
      } catch (error) {
        if (duplicateKey(error) === null) throw error // a parallel run prepared it first; its password stays
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
        preparedAt: found.preparedAt,
      }
    },

    async recordAttempt(identity, { handle, alias, inviteCode }) {
      const sealedAlias = alias === null ? null : keyring.seal(alias, at(identity, 'email'))
      const sealedInvite = inviteCode === null ? null : keyring.seal(inviteCode, at(identity, 'inviteCode'))
      const { matchedCount } = await callMongo(COLLECTION, 'update', () =>
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
      return matchedCount > 0
    },

    async restore(identity, intent) {
      const document = documentOf(identity, intent, new Date())
      await callMongo(COLLECTION, 'update', () =>
        intents.replaceOne({ _id: identity }, document, { upsert: true }),
      )
    },

    async discard(identity, { preparedAt }) {
      await callMongo(COLLECTION, 'delete', () => intents.deleteOne({ _id: identity, preparedAt }))
    },

    async discardLeftOver({ identity, preparedAt }) {
      await callMongo(COLLECTION, 'delete', () =>
        intents.deleteOne({ _id: identity, preparedAt, attemptedAt: null }),
      )
    },

    findLeftOver: (preparedBefore, limit, after) =>
      callMongo(COLLECTION, 'aggregate', () =>
        intents
          .aggregate<LeftOverIntent>([
            {
              $match: {
                _id: { $gt: after ?? '' },
                attemptedAt: null,
                preparedAt: { $lt: preparedBefore },
              },
            },
            { $sort: { _id: 1 } },
            { $lookup: { from: 'users', localField: '_id', foreignField: '_id', as: 'user' } },
            { $match: { 'user.atproto.did': { $type: 'string' } } },
            { $limit: limit },
            { $project: { _id: 0, identity: '$_id', preparedAt: 1 } },
          ])
          .toArray(),
      ),
  }
}

/** Once a call may have been made, these are the earlier addresses, the address of that call, and its alias. */
const EARLIER_ADDRESSES = {
  $cond: [
    { $eq: ['$attemptedAt', null] },
    '$earlierEmails',
    { $concatArrays: ['$earlierEmails', ['$email'], { $cond: [{ $eq: ['$alias', null] }, [], ['$alias']] }] },
  ],
}
