import { beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import {
  address,
  startSignup,
  expectComplete,
  meets,
  newPerson,
  reaches,
  type Person,
} from '../../support/people.ts'
import { pdsAdmin } from '../../support/pds.ts'
import { collections, openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  await world.startWorker()
})

/** The event as the webhook passes it on: with its time, never with its address. */
const changedEvent = (person: Person, changedAt = new Date().toISOString()): Promise<unknown> =>
  world.signups.notify({ tenant: 'aesthetic', identity: person.identity, hint: 'emailChanged', changedAt })
const verifiedEvent = (person: Person): Promise<unknown> =>
  world.signups.notify({ tenant: 'aesthetic', identity: person.identity, hint: 'emailVerified' })

const runOf = async ({ identity }: Person): Promise<string> =>
  (await world.temporal.workflow.getHandle(world.idOf(identity)).describe()).runId

/** Completed by a run after `before`, with all properties of a completed signup. */
async function completeAgain(person: Person, count: number, before: string): Promise<void> {
  await eventually('another run', async () => (await runOf(person)) !== before)
  const { verifications } = collections(world.db)
  await eventually(`a count of ${count}`, () => verifications.findOne({ _id: person.identity, count }))
  await expectComplete(world, person, { count })
}

describe('E2: an e-mail that changes', () => {
  it('before it was verified leaves one verification, and the account under the new address', async () => {
    const person = await newPerson(world, { verified: false })
    await startSignup(world, person)
    await reaches(world, person, 'waiting-for-verification')
    const moved = { ...person, email: address() }
    world.auth0.changeEmail(person.identity, moved.email)
    await changedEvent(person)
    world.auth0.verifyEmail(person.identity)
    await verifiedEvent(person)
    await expectComplete(world, moved)
  })

  it('after completion is waited for again, counted once, and followed by the account', async () => {
    const person = await newPerson(world)
    await startSignup(world, person)
    const first = await expectComplete(world, person)
    const moved = { ...person, email: address() }
    world.auth0.changeEmail(person.identity, moved.email)
    await changedEvent(person)
    await reaches(world, person, 'waiting-for-verification')
    expect(await pdsAdmin(world.env).accountsOf(person.email)).toHaveLength(1)
    const waiting = await runOf(person)
    expect(await collections(world.db).verifications.findOne({ _id: person.identity })).toMatchObject({
      count: 1,
    })

    world.auth0.verifyEmail(person.identity)
    await verifiedEvent(person)
    const again = await expectComplete(world, moved, { count: 2 })
    expect(again.did).toBe(first.did)
    expect(await pdsAdmin(world.env).accountsOf(person.email)).toEqual([])

    // The same events, repeated late and in another order, change nothing.
    await verifiedEvent(person)
    await completeAgain(moved, 2, waiting)
  })

  it('to another and back is counted once more, although nobody looked in between, and its events once', async () => {
    const person = await newPerson(world)
    await startSignup(world, person)
    await expectComplete(world, person)
    const before = await runOf(person)
    world.auth0.changeEmail(person.identity, address())
    world.auth0.changeEmail(person.identity, person.email)
    world.auth0.verifyEmail(person.identity)
    const changes = [new Date().toISOString(), new Date(Date.now() + 1).toISOString()]
    await verifiedEvent(person)
    for (const at of changes) await changedEvent(person, at)
    await completeAgain(person, 2, before)
    const latest = await runOf(person)
    for (const at of changes) await changedEvent(person, at)
    await completeAgain(person, 2, latest)
  })
})

describe('P4: the new address is held by an account that is not ours', () => {
  it('waits, named, and the account keeps its address until the stranger has gone', async () => {
    const person = await newPerson(world)
    await startSignup(world, person)
    await expectComplete(world, person)
    const moved = { ...person, email: address() }
    const { handle } = await reaches(world, person, 'completed')
    const stranger = await pdsAdmin(world.env).create({
      handle: `s${handle?.slice(2)}`,
      email: moved.email,
      password: 'a stranger has it',
    })
    world.auth0.changeEmail(person.identity, moved.email, true)
    await changedEvent(person)
    await meets(world, person, 'email-taken')
    expect(await pdsAdmin(world.env).accountsOf(person.email)).toHaveLength(1)
    await pdsAdmin(world.env).remove(stranger)
    await world.signups.notify({ tenant: 'aesthetic', identity: person.identity, hint: 'retry' })
    await expectComplete(world, moved, { count: 2 })
  })
})
