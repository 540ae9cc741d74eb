import { randomBytes, randomInt } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { MongoServerError, type Collection, type Db, type MongoClient, type OptionalId } from 'mongodb'
import { z } from 'zod'
import type { CodeIndexState, IndexDescription } from '../../domain/atproto/code-index.ts'
import { listensOnLoopbackOnly, type Privilege } from '../../domain/atproto/mongo-role.ts'
import { generateUserCode } from '../../domain/atproto/user-code.ts'
import { assessCodeIndex, indexesOf } from './code-index.ts'
import { duplicateKey, callMongo } from './lib/errors.ts'
import { withRollback } from './lib/rollback.ts'

const UNAUTHORIZED = 13
const NOT_A_REPLICA_SET = 20

/** The rights of our database user, as the server reports them. */
export interface MongoRights {
  /** False where the server requires no login. */
  readonly loggedIn: boolean
  /** Queried only where there is no login: whether no other machine can reach the server. */
  readonly loopbackOnly: boolean
  readonly roles: readonly { readonly role: string; readonly db: string }[]
  readonly privileges: readonly Privilege[]
}

export interface MongoSetup {
  rights(): Promise<MongoRights>
  /**
   * Writes a document, and changes and removes it where those are among the actions, in a transaction that is rolled
   * back. A missing right is returned; every other refusal is thrown.
   */
  tryWrites(collection: string, actions: readonly string[]): Promise<'ok' | 'denied' | 'no-transactions'>
  codeIndex(): Promise<CodeIndexState>
  /** Whether MongoDB removes expired lines of the record of actions; our role may not create the index for it. */
  actionsExpire(): Promise<boolean>
}

const Status = z.object({
  authInfo: z.object({
    authenticatedUsers: z.array(z.unknown()),
    authenticatedUserRoles: z.array(z.object({ role: z.string(), db: z.string() })),
    authenticatedUserPrivileges: z
      .array(
        z.object({
          resource: z.object({
            db: z.string().optional(),
            collection: z.string().optional(),
            anyResource: z.boolean().optional(),
            cluster: z.boolean().optional(),
          }),
          actions: z.array(z.string()),
        }),
      )
      .default([]),
  }),
})

const Options = z.object({
  parsed: z.object({
    net: z.object({ bindIp: z.string().optional(), bindIpAll: z.boolean().optional() }).default({}),
  }),
})

/** The setup of the application's database, and our rights in it. It leaves no trace of its attempts. */
export function createMongoSetup(client: MongoClient, db: Db): MongoSetup {
  return {
    rights: () =>
      callMongo('the database', 'connectionStatus', async () => {
        const { authInfo } = Status.parse(await db.command({ connectionStatus: 1, showPrivileges: true }))
        const loggedIn = authInfo.authenticatedUsers.length > 0
        return {
          loggedIn,
          loopbackOnly: !loggedIn && (await isLoopbackOnly(client)),
          roles: authInfo.authenticatedUserRoles,
          privileges: authInfo.authenticatedUserPrivileges as Privilege[],
        }
      }),

    tryWrites: (name, actions) =>
      callMongo(name, 'insert', async () => {
        const collection = db.collection<{ _id: string }>(name)
        try {
          await withRollback(client, async (session) => {
            const document = sampleFor(name)
            await collection.insertOne(document as OptionalId<{ _id: string }> as never, { session })
            await changeAndRemove(collection, document._id, actions, session)
          })
          return 'ok'
        } catch (error) {
          return writeAnswer(error)
        }
      }),

    codeIndex: () => assessCodeIndex(db),

    actionsExpire: async () => {
      const indexes = await indexesOf(db, 'holdfast_actions')
      return typeof indexes !== 'string' && indexes.some(removesExpired)
    },
  }
}

function removesExpired({ key, expireAfterSeconds }: IndexDescription): boolean {
  return isDeepStrictEqual({ ...key }, { expiresAt: 1 }) && typeof expireAfterSeconds === 'number'
}

async function changeAndRemove(
  collection: Collection<{ _id: string }>,
  _id: string,
  actions: readonly string[],
  session: Parameters<Parameters<typeof withRollback>[1]>[0],
): Promise<void> {
  if (actions.includes('update'))
    await collection.updateOne({ _id }, { $setOnInsert: { when: new Date() } }, { session })
  if (actions.includes('remove')) await collection.deleteOne({ _id }, { session })
}

async function isLoopbackOnly(client: MongoClient): Promise<boolean> {
  try {
    const { parsed } = Options.parse(await client.db('admin').command({ getCmdLineOpts: 1 }))
    return listensOnLoopbackOnly(parsed.net)
  } catch (error) {
    if (error instanceof MongoServerError) return false // unknown counts as no
    throw error
  }
}

function writeAnswer(error: unknown): 'ok' | 'denied' | 'no-transactions' {
  if (duplicateKey(error) !== null) return 'ok' // the drawn code is taken, but the write was allowed
  if (!(error instanceof MongoServerError)) throw error
  if (error.code === UNAUTHORIZED) return 'denied'
  if (error.code === NOT_A_REPLICA_SET) return 'no-transactions'
  throw error
}

/** A document in the collection's own shape, so that the application's validator judges it as it would judge ours. */
function sampleFor(collection: string): { _id: string; [field: string]: unknown } {
  const _id = `holdfast-check-${randomBytes(6).toString('hex')}`
  if (collection === 'verifications') return { _id, count: 0 }
  if (collection !== 'users') return { _id }
  const when = new Date()
  return { _id, code: generateUserCode(when, 0, randomInt), when }
}
