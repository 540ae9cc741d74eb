import { MongoClient } from 'mongodb'
import { isEndStage } from '../../src/contracts/stages.ts'
import type { SignupStatus } from '../../src/contracts/signup.ts'
import type { Auth0StandIn } from '../servers/auth0/server.ts'

/** One of the five people of the demonstration. */
export interface DemoPerson {
  readonly name: string
  readonly email: string
  /** The handle chosen in the application before the e-mail was verified. */
  readonly handle: string | null
  readonly verifies: boolean
}

/** Five people sign up and four verify: the five that the former system lost. */
export const DEMO_PEOPLE: readonly DemoPerson[] = [
  { name: 'Cyra', email: 'cyra@example.com', handle: 'csx', verifies: true },
  { name: 'Zhu Xin', email: 'zhuxin@example.com', handle: 'zhuxin', verifies: true },
  { name: 'Forty-Three', email: 'fortythree@example.com', handle: '43', verifies: true },
  { name: 'Nameless', email: 'nameless@example.com', handle: null, verifies: true },
  { name: 'Undecided', email: 'undecided@example.com', handle: null, verifies: false },
]

export interface DemoSignup extends DemoPerson {
  readonly identity: string
}

/**
 * The tenant in which people sign up and verify: the stand-in, or one at Auth0. Ids are Auth0's own, without our
 * prefix.
 */
export interface DemoTenant {
  find(email: string): Promise<{ userId: string; verified: boolean } | null>
  signUp(email: string): Promise<string>
  verify(userId: string): Promise<void>
}

export function standInDemoTenant(tenant: Auth0StandIn): DemoTenant {
  return {
    async find(email) {
      const known = tenant.users().find((user) => user.email === email)
      return known === undefined ? null : { userId: known.user_id, verified: known.email_verified }
    },
    signUp: async (email) => tenant.signUp({ email }),
    verify: async (userId) => tenant.verifyEmail(userId),
  }
}

/**
 * The tenant in which the demo people sign up. `idPrefix`: the prefix that the application gives the ids of that
 * tenant.
 */
export interface DemoSetting {
  readonly mongo: { readonly uri: string; readonly dbName: string }
  readonly demoTenant: DemoTenant
  readonly idPrefix: string
}

/** Creates the index that the application brings with it: the one of the old system. */
export async function createFormerCodeIndex({ uri, dbName }: DemoSetting['mongo']): Promise<void> {
  const mongo = new MongoClient(uri)
  try {
    const users = mongo.db(dbName).collection('users')
    await users.createIndex({ code: 1 }, { unique: true, sparse: true, name: 'code_1' })
  } finally {
    await mongo.close()
  }
}

/**
 * Signs the five up at Auth0, so that all later steps are the real ones: log stream, webhook, workflow. People who are
 * there already (kept data) stay unchanged.
 */
export async function signUpDemoPeople({
  mongo: { uri, dbName },
  demoTenant,
  idPrefix,
}: DemoSetting): Promise<DemoSignup[]> {
  const mongo = new MongoClient(uri)
  try {
    const db = mongo.db(dbName)
    const played: DemoSignup[] = []
    for (const person of DEMO_PEOPLE) {
      const known = await demoTenant.find(person.email)
      const userId = known?.userId ?? (await demoTenant.signUp(person.email))
      const identity = idPrefix + userId
      if (person.handle !== null) {
        await db
          .collection<{ _id: string; handle: string }>('@handles')
          .updateOne({ _id: identity }, { $set: { handle: person.handle } }, { upsert: true })
      }
      if (person.verifies && known?.verified !== true) await demoTenant.verify(userId)
      played.push({ ...person, identity })
    }
    return played
  } finally {
    await mongo.close()
  }
}

/** Whether the demonstration has ended for a person: in an end stage, or waiting for the person who never verifies. */
export function isFinished(person: DemoPerson, status: SignupStatus | null): boolean {
  if (status === null) return false
  return person.verifies ? isEndStage(status.stage) : status.stage === 'waiting-for-verification'
}

/** The deviation of a person's status from the expected end; null when there is none. */
export function demoFailure(person: DemoPerson, status: SignupStatus | null): string | null {
  const wanted = person.verifies ? 'completed' : 'waiting-for-verification'
  if (status?.stage === wanted) return null
  const why = status?.problem === null || status?.problem === undefined ? '' : ` (${status.problem.sentence})`
  return `${person.name}: ${status?.stage ?? 'no signup'} instead of ${wanted}${why}`
}
