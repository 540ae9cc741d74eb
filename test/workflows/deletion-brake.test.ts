import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import type { AlertMessage } from '../../src/contracts/alerts.ts'
import type { DeletionProof } from '../../src/contracts/deletion.ts'
import { problemQuery } from '../../src/contracts/messages.ts'
import { taskQueueOf } from '../../src/contracts/systems.ts'
import { openAlertReceiver, type AlertReceiver } from '../support/alert-receiver.ts'
import { holdfast, jsonOf, statusOf } from '../support/command.ts'
import { deletionsOf, expectGone, ref } from '../support/deletion.ts'
import { eventually } from '../support/eventually.ts'
import { address, startSignup, expectComplete, newPerson, type Person } from '../support/people.ts'
import { openWebhook, type Webhook } from '../support/webhook.ts'
import { entriesOf } from '../support/log-entries.ts'
import { collections, openWorld, type World } from '../support/world.ts'

/** Long enough for a database step and a retry; the deletion itself counts the wait for the PDS. */
const LONGEST_MS = 150_000

let world: World
let webhook: Webhook
let receiver: AlertReceiver
beforeAll(async () => {
  receiver = await openAlertReceiver()
  world = await openWorld({ env: { HOLDFAST_DELETIONS_PER_HOUR: '1', HOLDFAST_ALERT_URL: receiver.url } })
  await world.startWorker()
  webhook = openWebhook(world)
})

async function completed(): Promise<Person> {
  const person = await newPerson(world)
  await startSignup(world, person)
  await expectComplete(world, person)
  return person
}

/** The provider deletes the person, and its log stream reports it. */
async function deletedAtProvider(person: Person): Promise<void> {
  world.auth0.deleteUser(person.identity)
  const { status } = await webhook.deliver(JSON.stringify(entriesOf(world, person.identity, 'sdu')))
  expect(status).toBe(200)
}

async function handleOf(person: Person) {
  const { deletions } = deletionsOf(world)
  const { workflowId } = await deletions.start(ref(person)) // joins the running one
  return world.temporal.workflow.getHandle(workflowId)
}

async function waitsFor(person: Person, name: string) {
  const handle = await handleOf(person)
  return eventually(name, async () => {
    const problem = await handle.query(problemQuery)
    return problem?.name === name && problem
  })
}

const goneAtLast = (person: Person): Promise<boolean> =>
  eventually(
    'nothing is left',
    async () => {
      await expectGone(world, person)
      return true
    },
    LONGEST_MS,
  )

/** One run of `watch`, as its schedule starts it. */
const watch = (): Promise<unknown> =>
  world.temporal.workflow.execute('watch', {
    taskQueue: taskQueueOf('atproto'),
    workflowId: `watch-${randomUUID()}`,
    args: [{}],
  })

const held = (): AlertMessage[] => receiver.messages.filter(({ name }) => name === 'deletions-held')

const isHere = async ({ identity }: Person): Promise<boolean> =>
  (await collections(world.db).users.findOne({ _id: identity })) !== null

describe('T5: more people deleted at the provider within an hour than the safety limit allows', () => {
  it(
    'are held, visibly, and are deleted when an operator lets them',
    { timeout: LONGEST_MS * 2 },
    async () => {
      const [first, second, third, fourth, fifth] = [
        await completed(),
        await completed(),
        await completed(),
        await completed(),
        await completed(),
      ]
      await deletedAtProvider(first)
      await goneAtLast(first)

      await deletedAtProvider(second)
      const problem = await waitsFor(second, 'deletions-held')
      expect(problem.fix).toContain('holdfast resume atproto --deletions')
      await deletedAtProvider(third)
      await waitsFor(third, 'deletions-held')
      expect(await isHere(second)).toBe(true)
      await deletedAtProvider(fifth)
      await waitsFor(fifth, 'deletions-held')

      const why = await jsonOf(world.env, 'why', 'atproto', second.identity)
      expect(JSON.stringify(why.document['notices'])).toContain('holdfast resume atproto --deletions')
      const status = await statusOf(world.env, 'status', 'atproto', second.identity)
      expect(status.document.notices.join()).toContain('The safety limit has blocked the deletion')
      const listed = await eventually('all three are listed', async () => {
        const { stdout } = await holdfast(world.env, 'list', 'atproto', '--stuck')
        return stdout.split('deletions-held').length > 3 && stdout
      })
      expect(listed).toContain(second.identity)

      await watch()
      expect(held()).toMatchObject([{ state: 'opened', count: 3, since: problem.since }])
      expect(held()[0]?.fix).toContain('holdfast resume atproto --deletions')
      await watch()
      expect(held()).toHaveLength(1)

      // A deletion that an operator requests is not held.
      world.auth0.deleteUser(fourth.identity)
      const { code } = await holdfast(world.env, 'delete', 'atproto', fourth.identity, '--yes')
      expect(code).toBe(0)
      await expectGone(world, fourth)

      // A held deletion is released when an operator requests it.
      const { code: asked } = await holdfast(world.env, 'delete', 'atproto', fifth.identity, '--yes')
      expect(asked).toBe(0)
      await expectGone(world, fifth)

      // A person whose deletion is held signs up again, with the same id, before an operator looks.
      const id = third.identity.slice('auth0|'.length)
      world.auth0.seedUsers([{ id, email: address(), verified: true }])
      await eventually('why says so: a database that is slow to answer makes it say less', async () => {
        const again = await jsonOf(world.env, 'why', 'atproto', third.identity)
        return JSON.stringify(again.document['notices']).includes('signed up again')
      })

      const resumed = await jsonOf(world.env, 'resume', 'atproto', '--deletions')
      expect(resumed.document).toMatchObject({ released: 2, deletionsPaused: false })
      await goneAtLast(second)
      const kept = await (await handleOf(third)).result()
      expect((kept as DeletionProof).outcome).not.toBe('deleted')
      expect(await isHere(third)).toBe(true)
    },
  )
})

describe('a pause of deletions', () => {
  it('holds one that an operator forces, too, says so, and ends for all at once', async () => {
    const person = await completed()
    const paused = await jsonOf(world.env, 'pause', 'atproto', '--deletions', '--reason', 'ticket 7')
    expect(paused.document).toMatchObject({ deletionsPaused: true, reason: 'ticket 7' })
    await deletionsOf(world).deletions.start(ref(person), { force: true, by: 'command' })
    const handle = await handleOf(person)
    const problem = await eventually('it waits', async () => handle.query(problemQuery))
    expect(problem).toMatchObject({ name: 'deletions-paused' })
    expect(problem?.sentence).toContain('ticket 7')
    expect(await isHere(person)).toBe(true)
    expect((await holdfast(world.env, 'resume', 'atproto')).stdout).toContain('was not paused')
    expect(await isHere(person)).toBe(true)

    const resumed = await jsonOf(world.env, 'resume', 'atproto', '--deletions')
    expect(resumed.document).toMatchObject({ was: { reason: 'ticket 7' }, retried: 1 })
    expect(await handle.result()).toMatchObject({ outcome: 'deleted' })
  })
})
