import { WorkflowFailedError } from '@temporalio/client'
import { beforeAll, describe, expect, it } from 'vitest'
import { collections, openWorld, type World } from '../support/world.ts'
import { startSignup, expectComplete, newPerson, waitForStatus } from '../support/people.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  await world.startWorker()
})

describe('E1, E2: a signup event that comes when the person is complete', () => {
  it('finds them complete again, counted once, and does not wait for a verification that has been', async () => {
    const person = await newPerson(world)
    await startSignup(world, person)
    const first = await expectComplete(world, person)
    const { runId } = await world.temporal.workflow.getHandle(world.idOf(person.identity)).describe()

    const signedUpAt = new Date().toISOString()
    await world.signups.notify({ tenant: 'aesthetic', identity: person.identity, signedUpAt })
    const again = await waitForStatus(
      world,
      person,
      'it is complete again',
      ({ stage }) => stage === 'completed',
    )
    const now = await world.temporal.workflow.getHandle(world.idOf(person.identity)).describe()
    expect(now.runId).not.toBe(runId)
    expect(again).toMatchObject({ code: first.code, did: first.did, handle: first.handle })
    const { verifications } = collections(world.db)
    expect(await verifications.findOne({ _id: person.identity })).toMatchObject({ count: 1 })
  })
})

describe('a signup that is started with bad input', () => {
  const start = (args: unknown, workflowId: string) =>
    world.temporal.workflow.start('signup', { taskQueue: 'holdfast-atproto', workflowId, args: [args] })

  it('fails at once where it names nobody, and says what it needs', async () => {
    const handle = await start({}, 'signup/atproto/aesthetic/nobody')
    const failure: unknown = await handle.result().catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(WorkflowFailedError)
    expect(String((failure as WorkflowFailedError).cause)).toContain('the input needs an identity')
  })

  it('takes the time from Auth0 where the given one cannot be read', async () => {
    const [identity = ''] = world.auth0.seedUsers([
      { email: 'when@example.com', createdAt: new Date('2024-02-03T04:05:06.000Z') },
    ])
    await start({ identity, signedUpAt: 'yesterday' }, world.idOf(identity))
    const status = await waitForStatus(
      world,
      { identity, email: '' },
      'it waits',
      ({ stage }) => stage === 'waiting-for-verification',
    )
    expect(status.code).toMatch(/^ac24/)
  })
})
