import { MongoClient } from 'mongodb'
import { isEndStage } from '../contracts/stages.ts'
import type { SignupStatus } from '../contracts/signup.ts'
import type { Auth0StandIn } from '../embedded/auth0/server.ts'
import type { Stack } from '../embedded/stack.ts'

/** One of the five of the demonstration. */
export interface DemoPerson {
  readonly name: string
  readonly email: string
  /** Chosen in the application before the e-mail was verified. */
  readonly handle: string | null
  readonly verifies: boolean
}

/** Five people sign up and four verify: the five that the system before this one lost. */
export const FIVE: readonly DemoPerson[] = [
  { name: 'Cyra', email: 'cyra@example.com', handle: 'csx', verifies: true },
  { name: 'Zhu Xin', email: 'zhuxin@example.com', handle: 'zhuxin', verifies: true },
  { name: 'Forty-Three', email: 'fortythree@example.com', handle: '43', verifies: true },
  { name: 'Nameless', email: 'nameless@example.com', handle: null, verifies: true },
  { name: 'Undecided', email: 'undecided@example.com', handle: null, verifies: false },
]

export interface PlayedPerson extends DemoPerson {
  readonly identity: string
}

/**
 * Plays the five through the stand-in, so that everything after it is the real way: log stream, webhook, workflow.
 * People who are there already (kept data) are left as they are.
 */
export async function playFive(stack: Stack, tenant: Auth0StandIn): Promise<PlayedPerson[]> {
  const mongo = new MongoClient(stack.mongo.uri)
  try {
    const db = mongo.db(stack.mongo.dbName)
    await db.collection('users').createIndex({ code: 1 }, { unique: true, sparse: true, name: 'code_1' })
    const played: PlayedPerson[] = []
    for (const person of FIVE) {
      const known = tenant.users().find(({ email }) => email === person.email)
      const identity = known?.user_id ?? tenant.signUp({ email: person.email })
      if (person.handle !== null) {
        await db
          .collection<{ _id: string; handle: string }>('@handles')
          .updateOne({ _id: identity }, { $set: { handle: person.handle } }, { upsert: true })
      }
      if (person.verifies && known?.email_verified !== true) tenant.verifyEmail(identity)
      played.push({ ...person, identity })
    }
    return played
  } finally {
    await mongo.close()
  }
}

/** Where the demonstration ends for a person: an end stage, or waiting for who never verifies. */
export function hasArrived(person: DemoPerson, status: SignupStatus | null): boolean {
  if (status === null) return false
  return person.verifies ? isEndStage(status.stage) : status.stage === 'waiting-for-verification'
}

/** What has to be true of a person's status in the end; null when it is. */
export function complaint(person: DemoPerson, status: SignupStatus | null): string | null {
  const wanted = person.verifies ? 'completed' : 'waiting-for-verification'
  if (status?.stage === wanted) return null
  const why = status?.problem === null || status?.problem === undefined ? '' : ` (${status.problem.sentence})`
  return `${person.name}: ${status?.stage ?? 'no signup'} instead of ${wanted}${why}`
}
