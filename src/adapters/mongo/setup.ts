import { randomBytes, randomInt } from 'node:crypto'
import { MongoServerError, type Collection, type Db, type MongoClient, type OptionalId } from 'mongodb'
import { z } from 'zod'
import { codeIndexState, type CodeIndexState } from '../../domain/code-index.ts'
import { bindsLoopback, type Privilege } from '../../domain/mongo-role.ts'
import { drawUserCode } from '../../domain/user-code.ts'
import { duplicateKey, inMongo } from './errors.ts'
import { rolledBack } from './rolled-back.ts'

const UNAUTHORIZED = 13
const AUTHENTICATION_FAILED = new Set([18, 8000])
const NOT_A_REPLICA_SET = 20

/** What our user of the database may do, as the server itself says. */
export interface MongoRights {
  /** False where the server asks nobody for a login. */
  readonly loggedIn: boolean
  /** Asked only where there is no login: whether no other machine can reach the server. */
  readonly forItsMachineAlone: boolean
  readonly roles: readonly { readonly role: string; readonly db: string }[]
  readonly privileges: readonly Privilege[]
}

export interface MongoSetup {
  /** Version and replica set; the set is null on a server that stands alone. */
  server(): Promise<{ version: string; replicaSet: string | null }>
  rights(): Promise<MongoRights>
  /**
   * Writes, changes and removes a document in a transaction that is rolled back. What the role may not do is an
   * answer; every other refusal is thrown.
   */
  tryWrites(collection: string): Promise<'ok' | 'denied' | 'no-transactions'>
  codeIndex(): Promise<CodeIndexState>
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

/** How the application's database is set up, and what we may do there. Nothing it tries is left behind. */
export function createMongoSetup(client: MongoClient, db: Db): MongoSetup {
  return {
    server: () =>
      inMongo('the database', 'hello', async () => {
        const { setName } = await db.command({ hello: 1 })
        const { version } = await db.command({ buildInfo: 1 })
        return { version: String(version), replicaSet: typeof setName === 'string' ? setName : null }
      }),

    rights: () =>
      inMongo('the database', 'connectionStatus', async () => {
        const { authInfo } = Status.parse(await db.command({ connectionStatus: 1, showPrivileges: true }))
        const loggedIn = authInfo.authenticatedUsers.length > 0
        return {
          loggedIn,
          forItsMachineAlone: !loggedIn && (await listensToItself(client)),
          roles: authInfo.authenticatedUserRoles,
          privileges: authInfo.authenticatedUserPrivileges as Privilege[],
        }
      }),

    tryWrites: (name) =>
      inMongo(name, 'insert', async () => {
        const collection = db.collection<{ _id: string }>(name)
        try {
          await rolledBack(client, async (session) => {
            const document = sampleFor(name)
            await collection.insertOne(document as OptionalId<{ _id: string }> as never, { session })
            await touch(collection, document._id, session)
          })
          return 'ok'
        } catch (error) {
          return triedAnswer(error)
        }
      }),

    codeIndex: () =>
      inMongo('users', 'listIndexes', async () => {
        try {
          return codeIndexState(await db.collection('users').listIndexes().toArray())
        } catch (error) {
          if (error instanceof MongoServerError && error.codeName === 'NamespaceNotFound')
            return { state: 'missing' } as const
          throw error
        }
      }),
  }
}

async function touch(
  collection: Collection<{ _id: string }>,
  _id: string,
  session: Parameters<Parameters<typeof rolledBack>[1]>[0],
): Promise<void> {
  await collection.updateOne({ _id }, { $setOnInsert: { when: new Date() } }, { session })
  await collection.deleteOne({ _id }, { session })
}

async function listensToItself(client: MongoClient): Promise<boolean> {
  try {
    const { parsed } = Options.parse(await client.db('admin').command({ getCmdLineOpts: 1 }))
    return bindsLoopback(parsed.net)
  } catch (error) {
    if (error instanceof MongoServerError) return false // a server that does not say: then it is not known to
    throw error
  }
}

/** Whether a login that was refused is behind a failure, if only by way of the connections it cost. */
export function isLoginRefused(error: unknown): boolean {
  if (error instanceof MongoServerError && AUTHENTICATION_FAILED.has(Number(error.code))) return true
  return error instanceof Error && error.cause !== undefined && isLoginRefused(error.cause)
}

function triedAnswer(error: unknown): 'ok' | 'denied' | 'no-transactions' {
  if (duplicateKey(error) !== null) return 'ok' // the code drawn is somebody's: the write itself was let through
  if (!(error instanceof MongoServerError)) throw error
  if (error.code === UNAUTHORIZED) return 'denied'
  if (error.code === NOT_A_REPLICA_SET) return 'no-transactions'
  throw error
}

/** A document of the collection's own shape, so that a validator of the application's judges it as it would ours. */
function sampleFor(collection: string): { _id: string; [field: string]: unknown } {
  const _id = `holdfast-check-${randomBytes(6).toString('hex')}`
  if (collection === 'verifications') return { _id, count: 0 }
  if (collection !== 'users') return { _id }
  const when = new Date()
  return { _id, code: drawUserCode(when, 0, randomInt), when }
}
