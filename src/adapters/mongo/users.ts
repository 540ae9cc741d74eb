import { randomInt } from 'node:crypto'
import { MongoBulkWriteError, type Db, type Filter } from 'mongodb'
import pMap from 'p-map'
import { OutsideError } from '../../domain/outside-error.ts'
import { generateUserCode, isUserCode } from '../../domain/atproto/user-code.ts'
import type { RememberedRecords } from '../../contracts/atproto/recovery.ts'
import { neverCancelled, type CancellationCheck } from '../cancellation-check.ts'
import type { CodeUniqueness } from './code-index.ts'
import { RESERVED_FOR_PDS_HANDLE, type UserDocument } from './documents.ts'
import { duplicateKey, callMongo } from './lib/errors.ts'
import type { PersonMemory } from '../../state/mongo/atproto/person-memory.ts'

/** A reservation of a code, for a database without an index that keeps codes apart. */
interface CodeDocument {
  _id: string
  identity: string
}

export interface UserAccount {
  readonly did: string
  readonly handle: string
  /** Plain or sealed, as `PDS_PASSWORD_STORAGE` says. */
  readonly password: string
}

export interface Users {
  load(identity: string): Promise<UserDocument | null>
  /** Any few people whose account's password is stored. */
  withPassword(
    limit: number,
  ): Promise<{ readonly identity: string; readonly did: string; readonly password: string }[]>
  /**
   * Makes sure the person has a record with a code and a `when`. Only missing fields are set: to the person's earlier
   * values where anything proves them (a former code only if it has the form this system draws), otherwise to a newly
   * drawn code that no person ever had. Returns the code.
   */
  ensure(identity: string, signedUpAt: Date, guard: CodeUniqueness): Promise<string>
  /** The same for many people whose record exists, in few statements; no record is created. */
  fillIn(people: readonly IncompleteUser[], guard: CodeUniqueness): Promise<void>
  /** Sets `users.atproto`; false when the record is gone, or names another account by now. */
  recordAccount(identity: string, account: UserAccount): Promise<boolean>
  /** Records the present handle of this account; does nothing when the record is gone or names another account. */
  recordHandle(identity: string, account: { did: string; handle: string }): Promise<void>
}

const MAX_ATTEMPTS = 200
/** PDS look-ups in flight at once. */
const LOOKUPS_AT_ONCE = 8
/** A signup older than this, in milliseconds, may have completed before its records were lost. */
const NEW_SIGNUP_MS = 5 * 60_000

/** Sources that prove which code and account a person had, beside their own record. */
export interface PriorRecords {
  readonly personMemory: PersonMemory
  /**
   * The result of the person's last completed signup; loaded for a person who is not new and of whom nothing is
   * remembered.
   */
  readonly lastSignup: (identity: string) => Promise<RememberedRecords | null>
  /** The codes of the last completed signups; people without one are left out. */
  readonly lastCodes: (identities: readonly string[]) => Promise<ReadonlyMap<string, string>>
  /**
   * Counts a record that is about to be restored; throws `repairs-held` where more were lost than Holdfast repairs by
   * itself.
   */
  readonly admitRepair: (identity: string) => Promise<void>
  /** Whether a code is the handle of an account on the PDS. */
  readonly isHandle: (code: string) => Promise<boolean>
}

/** A person whose user record is incomplete. */
interface IncompleteUser {
  readonly identity: string
  readonly signedUpAt: Date
}

/** `users`. `check` is called before each write, and so before each code is drawn. */
export function createUsers(db: Db, memory: PriorRecords, check: CancellationCheck = neverCancelled): Users {
  const { personMemory } = memory
  const users = db.collection<UserDocument>('users')
  const codes = db.collection<CodeDocument>('holdfast_codes')

  const load = (identity: string): Promise<UserDocument | null> =>
    callMongo('users', 'find', () => users.findOne({ _id: identity }))

  /**
   * True when this person may try the code: always where an index keeps codes apart, else by a reservation of our own.
   */
  const reserve = async (code: string, identity: string, guard: CodeUniqueness): Promise<boolean> => {
    if (guard.by === 'index') return true
    if (
      (await callMongo('users', 'find', () => users.findOne({ code }, { projection: { _id: 1 } }))) !== null
    )
      return false
    check()
    return callMongo('holdfast_codes', 'insert', async () => {
      try {
        await codes.insertOne({ _id: code, identity })
        return true
      } catch (error) {
        if (duplicateKey(error) === null) throw error
        // A reservation for this person, or for a PDS handle without a person, may be taken over: such a code is theirs
        // if that is proven.
        const theirs = { _id: code, identity: { $in: [identity, RESERVED_FOR_PDS_HANDLE] } }
        return (await codes.updateOne(theirs, { $set: { identity } })).matchedCount > 0
      }
    })
  }

  /** One draw: true when the record now has the code, false when another code has to be drawn. */
  const writeCode = (
    found: UserDocument | null,
    identity: string,
    code: string,
    when: Date,
  ): Promise<boolean> =>
    callMongo('users', found === null ? 'insert' : 'update', async () => {
      check()
      try {
        if (found === null) {
          await users.insertOne({ _id: identity, code, when })
          return true
        }
        const { matchedCount } = await users.updateOne({ _id: identity, ...WITHOUT_CODE }, { $set: { code } })
        return matchedCount > 0
      } catch (error) {
        const fields = duplicateKey(error)?.split(',')
        if (fields === undefined) throw error
        // An index over several fields accepts the person with another code.
        if (fields.some((field) => field === 'code' || field === '_id')) return false
        throw refusedByIndex(error, fields)
      }
    })

  /** The known data of a person whose record is incomplete: from our own memory, or from their last signup. */
  const recall = async (
    identity: string,
    signedUpAt: Date,
    user: UserDocument | null,
    remembered: RememberedRecords | null,
  ): Promise<RememberedRecords | null> => {
    const complete = user !== null && hasCode(user) && Boolean(user.atproto?.did)
    if (remembered !== null || complete) return remembered
    const isNew = user === null && Date.now() - signedUpAt.getTime() < NEW_SIGNUP_MS
    return isNew ? null : memory.lastSignup(identity)
  }

  /** Writes only data that is not remembered yet. */
  const remember = async (
    identity: string,
    user: Pick<RememberedRecords, 'code' | 'when'>,
    before: RememberedRecords | null,
    known: RememberedRecords | null,
  ): Promise<void> => {
    const same = before?.code === user.code && before.when?.getTime() === user.when?.getTime()
    check()
    if (!same) await personMemory.rememberUser(identity, user)
    if (before === null && known?.account) await personMemory.rememberAccount(identity, known.account)
  }

  const ensure = async (identity: string, signedUpAt: Date, guard: CodeUniqueness): Promise<string> => {
    let known: RememberedRecords | null | undefined // undefined: not loaded yet
    let refused: string | null = null
    for (let taken = 0; taken < MAX_ATTEMPTS; taken += 1) {
      check()
      const drawn = generateUserCode(signedUpAt, taken, randomInt)
      const { user, remembered, codeTaken } = await personMemory.loadWithUser(identity, drawn)
      if (known === undefined) known = await recall(identity, signedUpAt, user, remembered)
      const when = user?.when instanceof Date ? user.when : (known?.when ?? signedUpAt)
      if (user !== null && hasCode(user)) {
        if (!(user.when instanceof Date)) await fillWhen(identity, when)
        await remember(identity, { code: user.code, when }, remembered, known)
        return user.code
      }
      if (isForeignCode(user?.code)) throw codeNotText(user?.code)
      // The person's own code, unless the application gave it to another person meanwhile, who then keeps it.
      const former = formerCode(known?.code)
      const own: string | null = former === refused ? null : former
      if (own === null && (codeTaken || (await memory.isHandle(drawn)))) continue
      if (known !== null) await memory.admitRepair(identity)
      const code = own ?? drawn
      const given = (await reserve(code, identity, guard)) && (await writeCode(user, identity, code, when))
      if (given && user === null) {
        await remember(identity, { code, when }, remembered, known)
        return code
      }
      if (!given) refused = own
    }
    throw new Error(`no free user code in ${MAX_ATTEMPTS} attempts`)
  }

  /**
   * Sets missing fields in bulk. Returns the people who have to be handled one by one, since another person has the
   * code drawn for them.
   */
  const fillInBulk = async (asked: readonly IncompleteUser[]): Promise<IncompleteUser[]> => {
    const identities = asked.map(({ identity }) => identity)
    const remembered = await personMemory.loadMany(identities)
    const earlier = await memory.lastCodes(identities.filter((identity) => !remembered.has(identity)))
    const planned = asked.map((person) => {
      const own = remembered.get(person.identity)
      const code = formerCode(own?.code ?? earlier.get(person.identity))
      return {
        ...person,
        drawn: code === null,
        code: code ?? generateUserCode(person.signedUpAt, 0, randomInt),
        when: own?.when ?? person.signedUpAt,
      }
    })
    const drawn = planned.filter((one) => one.drawn).map(({ code }) => code)
    const taken = await personMemory.takenCodes(drawn)
    await pMap(drawn, async (code) => void ((await memory.isHandle(code)) && taken.add(code)), {
      concurrency: LOOKUPS_AT_ONCE,
    })
    const isFree = (one: { drawn: boolean; code: string }): boolean => !one.drawn || !taken.has(one.code)
    const collided = await writeBulk(planned.filter(isFree))
    return [...planned.filter((one) => !isFree(one)), ...collided]
  }

  const writeBulk = async (
    planned: readonly (IncompleteUser & { code: string; when: Date })[],
  ): Promise<IncompleteUser[]> => {
    const statements = planned.flatMap(({ identity, code, when }) => [
      { updateOne: { filter: { _id: identity, ...WITHOUT_CODE }, update: { $set: { code } } } },
      { updateOne: { filter: { _id: identity, when: null }, update: { $set: { when } } } },
    ])
    if (statements.length === 0) return []
    check()
    return callMongo('users', 'update', async () => {
      try {
        await users.bulkWrite(statements, { ordered: false })
        return []
      } catch (error) {
        if (!(error instanceof MongoBulkWriteError) || duplicateKey(error) === null) throw error
        const errors = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors]
        return errors.flatMap(({ index }) => planned[Math.floor(index / 2)] ?? [])
      }
    })
  }

  const rememberFilled = async (identities: readonly string[]): Promise<void> => {
    const found = await callMongo('users', 'find', () =>
      users.find({ _id: { $in: [...identities] } }, { projection: { code: 1, when: 1 } }).toArray(),
    )
    await personMemory.rememberAll(
      found.filter(hasCode).map(({ _id, code, when }) => ({
        identity: _id,
        code,
        when: when instanceof Date ? when : null,
        account: null,
      })),
    )
  }

  return {
    load,
    ensure,

    withPassword: (limit) =>
      callMongo('users', 'find', async () => {
        const text = { $type: 'string', $ne: '' } as const
        const found = await users
          .find({ 'atproto.did': text, 'atproto.password': text }, { projection: { atproto: 1 }, limit })
          .toArray()
        return found.map(({ _id, atproto }) => ({
          identity: _id,
          did: atproto?.did ?? '',
          password: atproto?.password ?? '',
        }))
      }),

    async fillIn(asked, guard) {
      const left = guard.by === 'index' ? await fillInBulk(asked) : asked
      for (const { identity, signedUpAt } of left) {
        const found = await load(identity)
        if (found === null) continue
        if (isForeignCode(found.code))
          await fillWhen(identity, signedUpAt) // one such record must not stop the others
        else await ensure(identity, signedUpAt, guard)
      }
      await rememberFilled(asked.map(({ identity }) => identity))
    },

    async recordAccount(identity, { did, handle, password }) {
      const { matchedCount } = await callMongo('users', 'update', () =>
        users.updateOne({ _id: identity, 'atproto.did': { $in: [null, '', did] } }, [
          {
            $set: {
              atproto: {
                $mergeObjects: [
                  '$atproto',
                  { did: literal(did), handle: literal(handle), password: literal(password) },
                ],
              },
            },
          },
        ]),
      )
      return matchedCount > 0
    },

    async recordHandle(identity, { did, handle }) {
      await callMongo('users', 'update', () =>
        users.updateOne({ _id: identity, 'atproto.did': did }, { $set: { 'atproto.handle': handle } }),
      )
    },
  }

  async function fillWhen(identity: string, when: Date): Promise<void> {
    check()
    await callMongo('users', 'update', () =>
      users.updateOne({ _id: identity, when: null }, { $set: { when } }),
    )
  }
}

/** Missing, null or empty; any other value is the application's own and stays. */
const WITHOUT_CODE: Filter<UserDocument> = { code: { $in: [null, ''], $not: { $type: 'array' } } }

/**
 * A remembered code that may be given back. Null for one of another form: an operator unset it, and it stays reserved.
 */
function formerCode(code: string | undefined): string | null {
  return isUserCode(code) ? code : null
}

function hasCode(user: UserDocument): user is UserDocument & { code: string } {
  return typeof user.code === 'string' && user.code !== ''
}

/** A value that is neither text nor missing: it is the application's own and stays. */
function isForeignCode(code: unknown): boolean {
  return code !== undefined && code !== null && typeof code !== 'string'
}

function codeNotText(code: unknown): OutsideError {
  const type = Array.isArray(code) ? 'array' : typeof code
  return new OutsideError('code-not-text', `users.code has the type ${type}`, { detail: { type } })
}

/** A unique index on fields that Holdfast does not write, so another code would not help. */
function refusedByIndex(cause: unknown, fields: readonly string[]): OutsideError {
  const [, index] = /index: (\S+)/.exec(cause instanceof Error ? cause.message : '') ?? []
  return new OutsideError('index-refuses-user', 'a unique index on users rejects the record', {
    cause,
    detail: { fields: fields.join(' and '), ...(index === undefined ? {} : { index }) },
  })
}

/** In an update pipeline a bare string that begins with `$` would be read as a path. */
function literal(value: string): { $literal: string } {
  return { $literal: value }
}
