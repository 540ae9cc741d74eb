import { beforeAll, describe, expect, it } from 'vitest'
import type { DeletionProof } from '../../src/contracts/deletion.ts'
import { catchUp } from '../support/catch-up.ts'
import { jsonOf } from '../support/command.ts'
import { expectGone } from '../support/deletion.ts'
import { eventually } from '../support/eventually.ts'
import { address, startSignup, expectComplete, newPerson, type Person } from '../support/people.ts'
import { collections, openWorld, type World } from '../support/world.ts'

const DAY_MS = 24 * 3_600_000
const daysAgo = (days: number): Date => new Date(Date.now() - days * DAY_MS)

let world: World
/** The days by which Auth0's clock is behind the real one. */
let days = 0
beforeAll(async () => {
  world = await openWorld({ auth0Now: () => daysAgo(days) })
  await world.startWorker()
})

/** A person with records and an account from long ago. */
async function withRecords(): Promise<Person> {
  days = 100
  const person = await newPerson(world)
  days = 0
  await startSignup(world, person)
  await expectComplete(world, person)
  await collections(world.db).users.updateOne({ _id: person.identity }, { $set: { when: daysAgo(100) } })
  return person
}

const didOf = async ({ identity }: Person) =>
  (await collections(world.db).users.findOne({ _id: identity }))?.atproto?.did

const statusOf = async () =>
  ((await jsonOf(world.env, 'catch-up', 'atproto', '--status')).document as { tenants: object[] }).tenants[0]

describe('E17: the log tells of deletions from before Holdfast was installed', () => {
  it('they are recorded and not acted on, until that is asked for; nobody the provider knows is deleted', async () => {
    const [gone, returned] = [await withRecords(), await withRecords()]
    const dids = [await didOf(gone), await didOf(returned)]
    days = 25
    world.auth0.deleteUser(gone.identity)
    world.auth0.deleteUser(returned.identity)
    days = 20
    const id = returned.identity.slice('auth0|'.length)
    world.auth0.seedUsers([{ id, email: returned.email, verified: true }])
    // A person of whom only the log is left.
    const never = await newPerson(world)
    world.auth0.deleteUser(never.identity)
    days = 0

    await catchUp(world)
    await eventually('the three deletions are recorded', async () => {
      const recorded = await world.db.collection('holdfast_old_deletions').countDocuments()
      return recorded === 3
    })
    expect(await didOf(gone)).toBe(dids[0])
    expect(await didOf(returned)).toBe(dids[1])
    expect(await world.db.collection('users').countDocuments({ _id: never.identity as never })).toBe(0)
    expect(await statusOf()).toMatchObject({ oldDeletions: 3 })

    const acted = await jsonOf(world.env, 'catch-up', 'atproto', '--with-old-deletions', '--yes')
    expect(acted).toMatchObject({ code: 0, document: { started: 3 } })
    await eventually(
      'the two whom the provider does not know are deleted',
      async () => {
        const over = { finishedAt: { $ne: null } }
        return (await world.db.collection('holdfast_tombstones').countDocuments(over)) === 2
      },
      120_000,
    )
    await expectGone(world, gone)
    expect(await didOf(returned)).toBe(dids[1])
    expect(await statusOf()).toMatchObject({ oldDeletions: 0 })
  })
})

describe('E16: a signup event with a date that cannot be true', () => {
  it.each([
    ['9999-12-31T00:00:00.000Z'],
    ['0001-01-01T00:00:00.000Z'],
    ['+275760-09-13T00:00:00.000Z'],
    ['soon'],
  ])('%s: the code has the year of the provider', async (signedUpAt) => {
    days = 0
    const person = await newPerson(world)
    await world.signups.notify({
      tenant: 'aesthetic',
      identity: person.identity,
      signedUpAt,
      hint: 'emailVerified',
    })
    await expectComplete(world, person)
    const user = await collections(world.db).users.findOne({ _id: person.identity })
    expect(user?.code).toMatch(new RegExp(`^ac${String(new Date().getUTCFullYear() % 100)}`))
    expect(user?.when?.getUTCFullYear()).toBe(new Date().getUTCFullYear())
  })
})

describe('E16, X2: a forged deletion of the year 9999 for somebody who has yet to come', () => {
  it('does not keep them out when they sign up', async () => {
    const person: Person = { identity: 'google-oauth2|yet-to-come', email: address() }
    const { workflowId } = await world.signups.requestDeletion({
      tenant: 'aesthetic',
      identity: person.identity,
      at: '9999-12-31T00:00:00.000Z',
    })
    const proof = (await world.temporal.workflow.getHandle(workflowId).result()) as DeletionProof
    expect(Date.parse(proof.deletedAt ?? '')).toBeLessThanOrEqual(Date.now())
    world.auth0.createUser({
      via: 'social',
      provider: 'google-oauth2',
      id: 'yet-to-come',
      email: person.email,
      verified: true,
    })
    await startSignup(world, person)
    await expectComplete(world, person)
  })
})
