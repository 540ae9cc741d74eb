import pMap from 'p-map'
import type { UserDocument, VerificationDocument } from '../src/adapters/mongo/documents.ts'
import { pdsAdmin, type PdsAccountInfo } from '../test/support/pds.ts'
import { accountsLeftToNobody, type StoredTombstone } from './check-deleted.ts'
import { findLeftovers } from './check-secrets.ts'
import { violationsOf, loginViolation, nameOf, type StoredState } from './check-person.ts'
import type { Testbed } from './testbed.ts'
import { accountDue, signedUpAgain, countsOf, everyAddress, isVerified, type Person } from './people.ts'

/** Queries in flight at once. */
const AT_ONCE = 8

/**
 * Compares every store with the history of these people. Each violation is a sentence; an empty list means that all is
 * correct. `people` is everybody of one round, since they may compete for handles.
 */
export async function findViolations(
  testbed: Testbed,
  people: readonly Person[],
  { logins = true }: { logins?: boolean } = {},
): Promise<string[]> {
  const admin = pdsAdmin(testbed.env)
  const [records, accounts, owners] = await Promise.all([
    recordsOf(testbed, people),
    admin.accounts(),
    ownersOf(testbed),
  ])
  const perPerson = await pMap(
    people,
    async (person) => {
      const held: StoredState = {
        ...records(person),
        status: person.deleted ? null : await testbed.reader.status(person.workflowId),
        runs: person.deleted ? (await testbed.executions.list(person)).length : 0,
        accounts: accounts.filter(({ did, email }) =>
          owners.has(did) ? owners.get(did) === person.identity : everyAddress(person).includes(email ?? ''),
        ),
      }
      const complaints = violationsOf(person, people, held, testbed.env['PDS_HANDLE_DOMAIN'] ?? '')
      const login =
        !logins || complaints.length > 0 || held.user === null
          ? null
          : await loginViolation(testbed, person, held.user)
      return [...complaints, ...(login === null ? [] : [login])].map((one) => `${nameOf(person)}: ${one}`)
    },
    { concurrency: AT_ONCE },
  )
  const complaints = perPerson.flat()
  return [
    ...complaints,
    ...(complaints.length > 0 ? [] : await findLeftovers(testbed, people)),
    ...unownedAccounts(accounts, owners),
    ...(await leftAccounts(testbed, owners)),
    ...(await sharedBy(testbed, 'code')),
    ...(await sharedBy(testbed, 'atproto.did')),
  ]
}

/** Whether the application's records look complete for everybody: a cheap query, suited to be repeated often. */
export async function areComplete(testbed: Testbed, people: readonly Person[]): Promise<boolean> {
  const records = await recordsOf(testbed, people)
  return people.every((person) => {
    const { user, verification, intent } = records(person)
    if (person.deleted)
      return signedUpAgain(person, people) || (user === null && verification === null && !intent)
    const { least } = countsOf(person)
    if (user === null || verification === null || verification.count < least) return false
    const due = accountDue(person) === 'yes' && isVerified(person)
    return !due || user.atproto?.did !== undefined
  })
}

type Records = Pick<StoredState, 'user' | 'verification' | 'intent'>

async function recordsOf({ db }: Testbed, people: readonly Person[]): Promise<(person: Person) => Records> {
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

/** The owner of each DID, by `users`. */
async function ownersOf({ db }: Testbed): Promise<ReadonlyMap<string, string>> {
  const users = await db
    .collection<UserDocument>('users')
    .find({ 'atproto.did': { $exists: true } }, { projection: { 'atproto.did': 1 } })
    .toArray()
  return new Map(users.map(({ _id, atproto }) => [atproto?.did ?? '', _id]))
}

/** Only Holdfast creates accounts here, so each belongs to a user record. */
function unownedAccounts(accounts: readonly PdsAccountInfo[], owners: ReadonlyMap<string, string>): string[] {
  return accounts
    .filter(({ did }) => !owners.has(did))
    .map(({ did, handle, email }) => `the account ${did} (${handle}, ${email}) is nobody's`)
}

/** A deletion may leave an account only to a living person who has one. */
async function leftAccounts({ db, hash }: Testbed, owners: ReadonlyMap<string, string>): Promise<string[]> {
  const tombstones = await db.collection<StoredTombstone>('holdfast_tombstones').find().toArray()
  return accountsLeftToNobody(tombstones, new Set([...owners.values()].map(hash)))
}

/** Values of a field that several users share, although it has to be unique. */
async function sharedBy({ db }: Testbed, field: 'code' | 'atproto.did'): Promise<string[]> {
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
