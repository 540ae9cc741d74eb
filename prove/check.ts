import pMap from 'p-map'
import type { UserDocument, VerificationDocument } from '../src/adapters/mongo/documents.ts'
import { pdsAdmin, type PdsAccountInfo } from '../test/support/pds.ts'
import { complaintsOf, loginComplaint, nameOf, type Held } from './check-person.ts'
import type { Ground } from './ground.ts'
import { accountDue, countsOf, isVerified, type Person } from './people.ts'

/** Questions under way at once. */
const AT_ONCE = 8

/**
 * Holds every store against what the world did with these people. Each complaint is a sentence; none means that all
 * is well. `people` is everybody of one round, since handles are theirs to contest.
 */
export async function complaintsAbout(ground: Ground, people: readonly Person[]): Promise<string[]> {
  const admin = pdsAdmin(ground.env)
  const [records, accounts] = await Promise.all([recordsOf(ground, people), admin.accounts()])
  const perPerson = await pMap(
    people,
    async (person) => {
      const held: Held = {
        ...records(person),
        status: await ground.reader.status(person.workflowId),
        accounts: accounts.filter(({ email }) => email !== undefined && person.addresses.includes(email)),
        contested: people.some((other) => other !== person && other.label === person.label),
      }
      const complaints = complaintsOf(person, held, ground.env['PDS_HANDLE_DOMAIN'] ?? '')
      const login =
        complaints.length > 0 || held.user === null ? null : await loginComplaint(ground, person, held.user)
      return [...complaints, ...(login === null ? [] : [login])].map((one) => `${nameOf(person)}: ${one}`)
    },
    { concurrency: AT_ONCE },
  )
  return [...perPerson.flat(), ...(await accountsOfNobody(ground, accounts)), ...(await sharedCodes(ground))]
}

/** Whether the application's records look as if everybody had arrived: a cheap question, to be asked often. */
export async function haveArrived(ground: Ground, people: readonly Person[]): Promise<boolean> {
  const records = await recordsOf(ground, people)
  return people.every((person) => {
    const { user, verification, intent } = records(person)
    const { least } = countsOf(person)
    if (user === null || verification === null || verification.count < least) return false
    const due = accountDue(person) === 'yes' && isVerified(person)
    return !due || (user.atproto?.did !== undefined && !intent)
  })
}

type Records = Pick<Held, 'user' | 'verification' | 'intent'>

async function recordsOf({ db }: Ground, people: readonly Person[]): Promise<(person: Person) => Records> {
  const theirs = { _id: { $in: people.map(({ identity }) => identity) } }
  const [users, verifications, intents] = await Promise.all([
    db.collection<UserDocument>('users').find(theirs).toArray(),
    db.collection<VerificationDocument>('verifications').find(theirs).toArray(),
    db
      .collection<{ _id: string }>('holdfast_intents')
      .find(theirs, { projection: { _id: 1 } })
      .toArray(),
  ])
  return ({ identity }) => ({
    user: users.find(({ _id }) => _id === identity) ?? null,
    verification: verifications.find(({ _id }) => _id === identity) ?? null,
    intent: intents.some(({ _id }) => _id === identity),
  })
}

/** Nobody but Holdfast makes accounts here, so each belongs to a user record, and to one. */
async function accountsOfNobody({ db }: Ground, accounts: readonly PdsAccountInfo[]): Promise<string[]> {
  const users = await db
    .collection<UserDocument>('users')
    .find({ 'atproto.did': { $exists: true } }, { projection: { 'atproto.did': 1 } })
    .toArray()
  const owned = new Set(users.map(({ atproto }) => atproto?.did))
  return accounts
    .filter(({ did }) => !owned.has(did))
    .map(({ did, handle, email }) => `the account ${did} (${handle}, ${email}) is nobody's`)
}

async function sharedCodes({ db }: Ground): Promise<string[]> {
  const shared = await db
    .collection<UserDocument>('users')
    .aggregate<{ _id: string }>([{ $group: { _id: '$code', n: { $sum: 1 } } }, { $match: { n: { $gt: 1 } } }])
    .toArray()
  return shared.map(({ _id }) => `the code ${_id} has more than one owner`)
}
