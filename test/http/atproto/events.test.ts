import { beforeAll, describe, expect, it } from 'vitest'
import { pdsAdmin } from '../../support/pds.ts'
import { eventually } from '../../support/eventually.ts'
import { entriesOf, FORMATS, type Entry } from '../../support/log-entries.ts'
import { address, expectComplete, newPerson, reaches, type Person } from '../../support/people.ts'
import { openWebhook, taken, type Webhook } from '../../support/webhook.ts'
import { collections, openWorld, type World } from '../../support/world.ts'

let world: World
let webhook: Webhook
beforeAll(async () => {
  world = await openWorld()
  await world.startWorker()
  webhook = openWebhook(world)
})

const { JSONLINES: lines, JSONARRAY: array } = FORMATS

/** A person whose e-mail changed before it was verified: `ss`, `sce`, `sv`. */
async function changedPerson(): Promise<Person> {
  const { identity } = await newPerson(world, { verified: false })
  const email = address()
  world.auth0.changeEmail(identity, email, false)
  world.auth0.verifyEmail(identity)
  return { identity, email }
}

/** Waits until a run other than `before` has ended. */
function nextEnd(identity: string, before: string): Promise<string> {
  return eventually('the next run ends', async () => {
    const { runId, status } = await world.temporal.workflow.getHandle(world.idOf(identity)).describe()
    return runId !== before && status.name === 'COMPLETED' && runId
  })
}

describe('E1: the same event many times', () => {
  it('has one effect, in one batch and across batches, before the end and after it', async () => {
    const person = await newPerson(world, { verified: false })
    const [signedUp] = entriesOf(world, person.identity)
    const five = Array.from({ length: 5 }, () => signedUp)
    expect(await webhook.deliver(array(five))).toEqual(taken(1, { duplicates: 4 }))
    for (let again = 0; again < 3; again += 1)
      expect(await webhook.deliver(lines(five.slice(0, 2)))).toEqual(taken(0, { duplicates: 2 }))
    expect(await reaches(world, person, 'waiting-for-verification')).toMatchObject({ problem: null })

    world.auth0.verifyEmail(person.identity)
    const all = entriesOf(world, person.identity)
    const answers = await Promise.all([1, 2, 3, 4].map(() => webhook.deliver(array([...all, ...all]))))
    const bodies = answers.map(({ body }) => body as { accepted: number; duplicates: number })
    expect(bodies.map(({ accepted, duplicates }) => accepted + duplicates)).toEqual([4, 4, 4, 4])
    expect(bodies.some(({ accepted }) => accepted === 1)).toBe(true) // the verification; the signup was known
    const first = await expectComplete(world, person)

    let { runId } = await world.temporal.workflow.getHandle(world.idOf(person.identity)).describe()
    expect(await webhook.deliver(array(all))).toEqual(taken(0, { duplicates: 2 }))
    for (let again = 0; again < 2; again += 1) {
      await webhook.forget()
      expect(await webhook.deliver(array(all))).toEqual(taken(2))
      runId = await nextEnd(person.identity, runId)
    }
    const { stageSince: _since, ...last } = await expectComplete(world, person)
    expect(first).toMatchObject(last)
    expect(await pdsAdmin(world.env).accountsOf(person.email)).toHaveLength(1)
  })

  it('is one event also when its entries differ in what wraps them', async () => {
    const { identity } = await newPerson(world, { verified: false })
    const [signedUp] = entriesOf(world, identity)
    expect(await webhook.deliver(array([signedUp, signedUp?.data]))).toEqual(taken(1, { duplicates: 1 }))
  })
})

describe('E2: the events of one person', () => {
  it.each([
    ['ss', 'sce', 'sv'],
    ['ss', 'sv', 'sce'],
    ['sce', 'ss', 'sv'],
    ['sce', 'sv', 'ss'],
    ['sv', 'ss', 'sce'],
    ['sv', 'sce', 'ss'],
  ])('end in the same state when they come one by one as %s, %s, %s', async (...order) => {
    const person = await changedPerson()
    for (const type of order) {
      expect(await webhook.deliver(array(entriesOf(world, person.identity, type)))).toEqual(taken(1))
    }
    await expectComplete(world, person)
    await expectSignupTime(person)
  })

  it.each([
    ['ss', 'sv'],
    ['sv', 'ss'],
    ['sce', 'sv', 'ss'],
  ])('end in the same state when they come in one batch as %s, %s', async (...order) => {
    const person = await changedPerson()
    const batch = order.flatMap((type): Entry[] => entriesOf(world, person.identity, type))
    expect(await webhook.deliver(lines(batch))).toEqual(taken(order.length))
    await expectComplete(world, person)
    await expectSignupTime(person)
  })

  it('complete a signup of which only the verification came', async () => {
    const person = await newPerson(world)
    await webhook.deliver(array(entriesOf(world, person.identity, 'sv')))
    await expectComplete(world, person)
    await expectSignupTime(person)
  })
})

describe('an event with a date that cannot be read', () => {
  it.each([['yesterday'], [''], [1_750_000_000], [null], [undefined]])(
    '(%j) is no reason to lose it',
    async (date) => {
      const person = await newPerson(world)
      const [signedUp] = entriesOf(world, person.identity, 'ss')
      const spoiled = { ...signedUp, data: { ...signedUp?.data, date } }
      expect(await webhook.deliver(array([spoiled]))).toEqual(taken(1))
      await expectComplete(world, person)
      await expectSignupTime(person)
    },
  )
})

/** `when` is the signup's own time, whichever event reported it, to the second. */
async function expectSignupTime({ identity }: Person): Promise<void> {
  const user = await collections(world.db).users.findOne({ _id: identity })
  const created = Date.parse(world.auth0.user(identity)?.created_at ?? '')
  expect(Math.abs((user?.when?.getTime() ?? 0) - created)).toBeLessThan(1_000)
}
