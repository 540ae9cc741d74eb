import { randomInt } from 'node:crypto'
import { MongoBulkWriteError, type Db, type Filter } from 'mongodb'
import { drawUserCode } from '../../domain/user-code.ts'
import type { CodeGuard } from './code-index.ts'
import type { UserDocument } from './documents.ts'
import { duplicateKey, inMongo } from './errors.ts'

/** A reservation of a code, for a database whose own index does not keep codes apart. */
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
  /** Makes sure the person has a record with a code and a `when`; fills in only what is missing. Returns the code. */
  ensure(identity: string, signedUpAt: Date, guard: CodeGuard): Promise<string>
  /** The same for many whose record exists, in few statements; who has no record (any longer) gets none. */
  fillIn(people: readonly { identity: string; signedUpAt: Date }[], guard: CodeGuard): Promise<void>
  /** Fills in `users.atproto`; false when the record is gone. */
  recordAccount(identity: string, account: UserAccount): Promise<boolean>
  /** Notes the handle that this account has by now; nothing when the record, or its account, is another. */
  recordHandle(identity: string, account: { did: string; handle: string }): Promise<void>
}

const MAX_DRAWS = 200

export function createUsers(db: Db): Users {
  const users = db.collection<UserDocument>('users')
  const codes = db.collection<CodeDocument>('holdfast_codes')

  const load = (identity: string): Promise<UserDocument | null> =>
    inMongo('users', 'find', () => users.findOne({ _id: identity }))

  /** True when the code is this person's to try: at once where the index judges, else by a reservation of our own. */
  const reserve = async (code: string, identity: string, guard: CodeGuard): Promise<boolean> => {
    if (guard.by === 'index') return true
    if ((await inMongo('users', 'find', () => users.findOne({ code }, { projection: { _id: 1 } }))) !== null)
      return false
    return inMongo('holdfast_codes', 'insert', async () => {
      try {
        await codes.insertOne({ _id: code, identity })
        return true
      } catch (error) {
        if (duplicateKey(error) === null) throw error
        return false
      }
    })
  }

  /** One draw: true when the record now holds the code, false when it has to be drawn again. */
  const give = (found: UserDocument | null, identity: string, code: string, when: Date): Promise<boolean> =>
    inMongo('users', found === null ? 'insert' : 'update', async () => {
      try {
        if (found === null) {
          await users.insertOne({ _id: identity, code, when })
          return true
        }
        const { matchedCount } = await users.updateOne({ _id: identity, ...WITHOUT_CODE }, { $set: { code } })
        return matchedCount > 0
      } catch (error) {
        const key = duplicateKey(error)
        if (key === 'code' || key === '_id') return false
        throw error
      }
    })

  const ensure = async (identity: string, signedUpAt: Date, guard: CodeGuard): Promise<string> => {
    for (let taken = 0; taken < MAX_DRAWS; taken += 1) {
      const found = await load(identity)
      if (found !== null && hasCode(found)) {
        if (!(found.when instanceof Date)) await fillWhen(identity, signedUpAt)
        return found.code
      }
      const code = drawUserCode(signedUpAt, taken, randomInt)
      if (await reserve(code, identity, guard)) {
        const given = await give(found, identity, code, signedUpAt)
        if (given && found === null) return code
      }
    }
    throw new Error(`no free user code in ${MAX_DRAWS} draws`)
  }

  /** Sets what is missing by one bulk of statements; returns the people whose drawn code somebody had. */
  const fillAtOnce = async (people: readonly { identity: string; signedUpAt: Date }[]) => {
    const statements = people.flatMap(({ identity, signedUpAt }) => [
      {
        updateOne: {
          filter: { _id: identity, ...WITHOUT_CODE },
          update: { $set: { code: drawUserCode(signedUpAt, 0, randomInt) } },
        },
      },
      { updateOne: { filter: { _id: identity, when: null }, update: { $set: { when: signedUpAt } } } },
    ])
    return inMongo('users', 'update', async () => {
      try {
        await users.bulkWrite(statements, { ordered: false })
        return []
      } catch (error) {
        if (!(error instanceof MongoBulkWriteError) || duplicateKey(error) === null) throw error
        const errors = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors]
        return errors.flatMap(({ index }) => people[Math.floor(index / 2)] ?? [])
      }
    })
  }

  return {
    load,
    ensure,

    async fillIn(people, guard) {
      const left = guard.by === 'index' ? await fillAtOnce(people) : people
      for (const { identity, signedUpAt } of left) {
        if ((await load(identity)) !== null) await ensure(identity, signedUpAt, guard)
      }
    },

    async recordAccount(identity, { did, handle, password }) {
      const { matchedCount } = await inMongo('users', 'update', () =>
        users.updateOne({ _id: identity }, [
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
      await inMongo('users', 'update', () =>
        users.updateOne({ _id: identity, 'atproto.did': did }, { $set: { 'atproto.handle': handle } }),
      )
    },
  }

  async function fillWhen(identity: string, when: Date): Promise<void> {
    await inMongo('users', 'update', () => users.updateOne({ _id: identity, when: null }, { $set: { when } }))
  }
}

/** Missing, null or empty; anything else is the application's own and stays. */
const WITHOUT_CODE: Filter<UserDocument> = { code: { $in: [null, ''] } }

function hasCode(user: UserDocument): user is UserDocument & { code: string } {
  return typeof user.code === 'string' && user.code !== ''
}

/** In an update pipeline a bare string that begins with `$` would be read as a path. */
function literal(value: string): { $literal: string } {
  return { $literal: value }
}
