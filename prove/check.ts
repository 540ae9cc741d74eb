import pMap from 'p-map'
import type { UserDocument, VerificationDocument } from '../src/adapters/mongo/documents.ts'
import { pdsAdmin, type PdsAccountInfo } from '../test/support/pds.ts'
import { leftBehind } from './check-secrets.ts'
import { complaintsOf, loginComplaint, nameOf, type Held } from './check-person.ts'
import type { Ground } from './ground.ts'
import { accountDue, cameBack, countsOf, everyAddress, isVerified, type Person } from './people.ts'

/** Questions under way at once. */
const AT_ONCE = 8

/**
 * Holds every store against what the world did with these people. Each complaint is a sentence; none means that all
 * is well. `people` is everybody of one round, since handles are theirs to contest.
 */
export async function complaintsAbout(
  ground: Ground,
  people: readonly Person[],
  { logins = true }: { logins?: boolean } = {},
): Promise<string[]> {
  const admin = pdsAdmin(ground.env)
  const [records, accounts, owners] = await Promise.all([
    recordsOf(ground, people),
    admin.accounts(),
    ownersOf(ground),
  ])
  const perPerson = await pMap(
    people,
    async (person) => {
      const held: Held = {
        ...records(person),
        status: person.deleted ? null : await ground.reader.status(person.workflowId),
        runs: person.deleted ? (await ground.executions.list(person)).length : 0,
        accounts: accounts.filter(({ did, email }) =>
          owners.has(did) ? owners.get(did) === person.identity : everyAddress(person).includes(email ?? ''),
        ),
      }
      const complaints = complaintsOf(person, people, held, ground.env['PDS_HANDLE_DOMAIN'] ?? '')
      const login =
        !logins || complaints.length > 0 || held.user === null
          ? null
          : await loginComplaint(ground, person, held.user)
      return [...complaints, ...(login === null ? [] : [login])].map((one) => `${nameOf(person)}: ${one}`)
    },
    { concurrency: AT_ONCE },
  )
  const complaints = perPerson.flat()
  return [
    ...complaints,
    ...(complaints.length > 0 ? [] : await leftBehind(ground, people)),
    ...accountsOfNobody(accounts, owners),
    ...(await sharedBy(ground, 'code')),
    ...(await sharedBy(ground, 'atproto.did')),
  ]
}

/** Whether the application's records look as if everybody had arrived: a cheap question, to be asked often. */
export async function haveArrived(ground: Ground, people: readonly Person[]): Promise<boolean> {
  const records = await recordsOf(ground, people)
  return people.every((person) => {
    const { user, verification, intent } = records(person)
    if (person.deleted) return cameBack(person, people) || (user === null && verification === null && !intent)
    const { least } = countsOf(person)
    if (user === null || verification === null || verification.count < least) return false
    const due = accountDue(person) === 'yes' && isVerified(person)
    return !due || user.atproto?.did !== undefined
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

/** Whose account a DID is, by `users`. */
async function ownersOf({ db }: Ground): Promise<ReadonlyMap<string, string>> {
  const users = await db
    .collection<UserDocument>('users')
    .find({ 'atproto.did': { $exists: true } }, { projection: { 'atproto.did': 1 } })
    .toArray()
  return new Map(users.map(({ _id, atproto }) => [atproto?.did ?? '', _id]))
}

/** Nobody but Holdfast makes accounts here, so each belongs to a user record. */
function accountsOfNobody(
  accounts: readonly PdsAccountInfo[],
  owners: ReadonlyMap<string, string>,
): string[] {
  return accounts
    .filter(({ did }) => !owners.has(did))
    .map(({ did, handle, email }) => `the account ${did} (${handle}, ${email}) is nobody's`)
}

/** What only one user may have. */
async function sharedBy({ db }: Ground, field: 'code' | 'atproto.did'): Promise<string[]> {
  const shared = await db
    .collection<UserDocument>('users')
    .aggregate<{ _id: string }>([
      { $match: { [field]: { $exists: true } } },
      { $group: { _id: `$${field}`, n: { $sum: 1 } } },
      { $match: { n: { $gt: 1 } } },
    ])
    .toArray()
  return shared.map(({ _id }) => `the ${field} ${_id} has more than one owner`)
}
