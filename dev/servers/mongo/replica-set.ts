import { MongoClient, MongoNetworkError, MongoServerError } from 'mongodb'
import type { Db } from 'mongodb'
import type { Child } from '../lib/child.ts'

export interface Login {
  readonly user: string
  readonly password: string
}

export const REPLICA_SET = 'rs0'
const UNAUTHORIZED = 13
const ALREADY_INITIALIZED = 23
const USER_EXISTS = 51_003

/** Returns once this child is a primary that accepts writes, and has its administrator; throws until then. */
export async function becomePrimary(child: Child, port: number, auth: Login | undefined): Promise<void> {
  const ready = await withAdmin(port, undefined, async (admin) => {
    const hello = await admin.command({ hello: 1 })
    if (hello['setName'] === undefined) await joinSet(admin, port, auth)
    if (hello['isWritablePrimary'] !== true) return false
    if (auth) await ensureAdministrator(admin, auth)
    return true
  })
  if (!ready) throw new Error('no primary yet')
  await withAdmin(port, auth, async (admin) => {
    const { pid } = await admin.command({ serverStatus: 1 })
    if (Number(pid) !== child.pid) throw new Error(`port ${port} is answered by another mongod`)
  })
}

async function joinSet(admin: Db, port: number, auth: Login | undefined): Promise<void> {
  const config = { _id: REPLICA_SET, members: [{ _id: 0, host: `127.0.0.1:${port}` }] }
  try {
    await admin.command({ replSetInitiate: config })
  } catch (error) {
    // Once there are users, only they may query, so kept data answers one or the other.
    const initiated =
      error instanceof MongoServerError && (error.code === ALREADY_INITIALIZED || error.code === UNAUTHORIZED)
    if (!initiated) throw error
    await withAdmin(port, auth, (as) => moveMember(as, port))
  }
}

/** Data kept from a start on another port: the replica set's own record of its member is out of date. */
async function moveMember(admin: Db, port: number): Promise<void> {
  const { config } = await admin.command({ replSetGetConfig: 1 })
  const host = `127.0.0.1:${port}`
  if (config.members[0].host === host) return
  const moved = { ...config, version: Number(config.version) + 1, members: [{ ...config.members[0], host }] }
  await admin.command({ replSetReconfig: moved, force: true })
}

async function ensureAdministrator(admin: Db, { user, password }: Login) {
  try {
    // Allowed without a login from 127.0.0.1 as long as there is no user at all.
    await admin.command({ createUser: user, pwd: password, roles: ['root'] })
  } catch (error) {
    const there =
      error instanceof MongoServerError && (error.code === UNAUTHORIZED || error.code === USER_EXISTS)
    if (!there) throw error
  }
}

/** Forced, since the only node has no successor. */
export async function stepDown(port: number, auth: Login | undefined, seconds: number): Promise<void> {
  try {
    await withAdmin(port, auth, (admin) => admin.command({ replSetStepDown: seconds, force: true }))
  } catch (error) {
    if (!(error instanceof MongoNetworkError)) throw error // older servers close the connection instead of an answer
  }
}

async function withAdmin<T>(
  port: number,
  auth: Login | undefined,
  work: (admin: Db) => Promise<T>,
): Promise<T> {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
    serverSelectionTimeoutMS: 1_000,
    ...(auth ? { auth: { username: auth.user, password: auth.password }, authSource: 'admin' } : {}),
  })
  try {
    return await work(client.db('admin'))
  } finally {
    await client.close()
  }
}
