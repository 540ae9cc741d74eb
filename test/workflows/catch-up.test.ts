import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createCursors } from '../../src/state/mongo/cursors.ts'
import { catchUp, cursorOf } from '../support/catch-up.ts'
import { jsonOf } from '../support/command.ts'
import { eventually } from '../support/eventually.ts'
import { entriesOf, FORMATS } from '../support/log-entries.ts'
import { address, expectComplete, newPerson, reaches, type Person } from '../support/people.ts'
import { openWebhook, type Webhook } from '../support/webhook.ts'
import { collections, openWorld, type World } from '../support/world.ts'

const HOUR_MS = 3_600_000
const ago = (hours: number): Date => new Date(Date.now() - hours * HOUR_MS)

let world: World
let webhook: Webhook
/** The hours by which Auth0's clock is behind the real one. */
let hoursAgo = 0
beforeAll(async () => {
  world = await openWorld({ auth0Now: () => ago(hoursAgo) })
  await world.startWorker()
  webhook = openWebhook(world)
})
beforeEach(() => {
  hoursAgo = 0
  world.auth0.faults.clear()
})

const newest = (): string | null => world.auth0.logs().at(-1)?.log_id ?? null

interface Told {
  readonly tenants: readonly Record<string, unknown>[]
}
const tenantTold = async (...args: string[]) =>
  ((await jsonOf(world.env, 'catch-up', 'atproto', ...args)).document as unknown as Told).tenants[0]

describe('E5: the log stream was off for two days', () => {
  it('the lag is visible, and then all twenty signups of that time arrive, once', async () => {
    hoursAgo = 49
    const before = await newPerson(world)
    expect(await catchUp(world)).toMatchObject({ events: 2, notified: 1, lagSeconds: 0, gap: null })
    await expectComplete(world, before)
    const off = ago(48)
    await cursorOf(world).set({
      caughtUpAt: off,
      readAt: off,
      'places.created': off.toISOString(),
      'places.verified': off.toISOString(),
    })

    const people: Person[] = []
    for (let person = 0; person < 20; person += 1) {
      hoursAgo = 47 - person * 2
      people.push(await newPerson(world, { verified: person % 4 > 0 }))
      for (let login = 0; login < 7; login += 1) world.auth0.logIn(before.identity)
    }
    hoursAgo = 0
    expect(await tenantTold('--status')).toMatchObject({
      lagSeconds: expect.closeTo(48 * 3_600, -2) as number,
      gap: null,
    })

    expect(await tenantTold()).toMatchObject({
      events: 175,
      notified: 20,
      lagSeconds: 0,
      problem: null,
      gap: null,
    })
    for (const [index, person] of people.entries()) {
      if (index % 4 > 0) await expectComplete(world, person)
      else await reaches(world, person, 'waiting-for-verification')
    }
    expect(await tenantTold('--status')).toMatchObject({ lagSeconds: expect.closeTo(0, -2) as number })

    // The stream is on again and repeats all events; they are known already, so none reaches Temporal.
    const all = people.flatMap(({ identity }) => entriesOf(world, identity))
    expect((await webhook.deliver(FORMATS.JSONLINES(all))).body).toMatchObject({
      accepted: 0,
      duplicates: 35,
    })
    for (const [index, person] of people.entries()) if (index % 4 > 0) await expectComplete(world, person)
  })

  it('what the webhook took is not told again by the catch-up', async () => {
    const person = await newPerson(world)
    await webhook.deliver(FORMATS.JSONLINES(entriesOf(world, person.identity)))
    expect(await catchUp(world)).toMatchObject({ events: 2, duplicates: 2, notified: 0 })
    await expectComplete(world, person)
  })
})

describe('E7: a user who gives no signup event', () => {
  it.each(['social', 'admin', 'import'] as const)('(%s) is found and provisioned', async (via) => {
    const email = address()
    const identity = world.auth0.createUser({ via, email, verified: true })
    const { notified, foundInLists } = await catchUp(world)
    expect(via === 'import' ? foundInLists : notified).toBeGreaterThan(0) // a verified user may be in both lists
    await expectComplete(world, { identity, email })
    // Logins and changes of a known person start nothing.
    world.auth0.logIn(identity)
    world.auth0.patchUser(identity, { user_metadata: { colour: 'red' } })
    expect(await catchUp(world)).toMatchObject({ events: 2, notified: 0 })
  })

  it('and leaves no log either is found in the list of users', async () => {
    const email = address()
    const [identity = ''] = world.auth0.seedUsers([{ email }])
    expect(await catchUp(world)).toMatchObject({ events: 0, foundInLists: 1 })
    await reaches(world, { identity, email }, 'waiting-for-verification')
  })

  it('in an import of people older than the last look is found all the same', async () => {
    const email = address()
    const [identity = ''] = world.auth0.seedUsers([{ email, createdAt: ago(2) }])
    expect((await catchUp(world)).foundInLists).toBe(0)
    world.auth0.createUser({ via: 'import', email: address() }) // its `sui` names nobody
    expect((await catchUp(world)).foundInLists).toBe(2)
    await reaches(world, { identity, email }, 'waiting-for-verification')
  })
})

describe('E8: an e-mail that becomes verified with no event', () => {
  it('is noticed by one look at the list of those verified lately, which tells nobody else', async () => {
    const people = [await newPerson(world, { verified: false }), await newPerson(world, { verified: false })]
    await catchUp(world)
    const [lucky, other] = people as [Person, Person]
    for (const person of people) await reaches(world, person, 'waiting-for-verification')

    world.auth0.setEmailVerified(lucky.identity, true)
    expect(await catchUp(world)).toMatchObject({ events: 0, foundInLists: 1 })
    await expectComplete(world, lucky)
    await reaches(world, other, 'waiting-for-verification')
    expect((await catchUp(world)).foundInLists).toBe(0)
  })

  it('E11: is noticed although the list lags behind', async () => {
    const person = await newPerson(world, { verified: false })
    await catchUp(world)
    world.auth0.faults.set({ listLagMs: 10 * 60_000 })
    world.auth0.setEmailVerified(person.identity, true)
    expect((await catchUp(world)).foundInLists).toBe(0)
    world.auth0.faults.set({ listLagMs: null })
    expect((await catchUp(world)).foundInLists).toBe(1)
    await expectComplete(world, person)
  })
})

describe('E10: pages read again, and in any order', () => {
  it('change nothing a second time, and the cursor never goes back', async () => {
    world.auth0.faults.set({ logsUnordered: true })
    const began = await cursorOf(world).checkpoint()
    const people = [await newPerson(world), await newPerson(world), await newPerson(world)]
    expect((await catchUp(world)).notified).toBe(3)
    for (const person of people) await expectComplete(world, person)
    expect(await cursorOf(world).checkpoint()).toBe(newest())

    await cursorOf(world).set({ 'places.log': began }) // as after a restart that lost its last write
    expect(await catchUp(world)).toMatchObject({ events: 6, duplicates: 6, notified: 0 })
    for (const person of people) await expectComplete(world, person)

    const late = await createCursors(world.db, 'atproto').advance('aesthetic', 'log', {
      from: began,
      to: began,
      lastEventAt: null,
      caughtUp: false,
    })
    expect(late).toBe(false)
    expect(await cursorOf(world).checkpoint()).toBe(newest())
  })

  it('two readers at once end at the same place, with one effect', async () => {
    const people = [await newPerson(world), await newPerson(world)]
    const other = world.temporal.workflow.execute('catchUp', {
      workflowId: 'catch-up/atproto/aesthetic-as-scheduled',
      taskQueue: 'holdfast-atproto',
      args: [{ tenant: 'aesthetic' }],
    })
    await Promise.all([catchUp(world), other])
    expect(await cursorOf(world).checkpoint()).toBe(newest())
    for (const person of people) await expectComplete(world, person)
  })
})

describe('E12: the Management API answers 429', () => {
  it.each(['/api/v2/logs', '/api/v2/users'])(
    'on %s: it waits for the reset, with no failure',
    async (path) => {
      await catchUp(world)
      world.auth0.faults.set({ apiError: { status: 429, count: 1, path, resetSeconds: 3 } })
      const began = Date.now()
      expect(await catchUp(world)).toMatchObject({ events: 0, problem: null })
      expect(Date.now() - began).toBeGreaterThan(2_000)
    },
  )
})

describe('Auth0 fails once', () => {
  it('is tried again at once, and nothing is lost', async () => {
    const person = await newPerson(world)
    world.auth0.faults.set({ apiError: { status: 500, count: 1, path: '/api/v2/logs' } }) // a quick attempt succeeds
    expect((await catchUp(world)).notified).toBe(1)
    await expectComplete(world, person)
  })
})

describe('a deletion at the provider', () => {
  it('starts the deletion here, by its event', async () => {
    const person = await newPerson(world, { verified: false })
    await catchUp(world)
    await reaches(world, person, 'waiting-for-verification')
    world.auth0.deleteUser(person.identity)
    await catchUp(world)
    await eventually('the person is gone', async () => {
      const { users, verifications } = collections(world.db)
      const _id = person.identity
      return (await users.findOne({ _id })) === null && (await verifications.findOne({ _id })) === null
    })
  })
})

/** This many levels of nested objects. */
function nested(levels: number): Record<string, unknown> {
  let value: Record<string, unknown> = {}
  for (let level = 0; level < levels; level += 1) value = { value }
  return value
}

it("E14: an entry of the log's page that is too deep is quarantined as it came, and the page and its cursor go on", async () => {
  await catchUp(world)
  world.auth0.signUp({ email: address(), userMetadata: nested(1_000) })
  const good = await newPerson(world, { verified: false })
  expect(await catchUp(world)).toMatchObject({ events: 2, notified: 1, quarantined: 1 })
  await reaches(world, good, 'waiting-for-verification')
  expect(await cursorOf(world).checkpoint()).toBe(newest())
  const [entry] = await webhook.quarantine.list(1)
  expect(entry?.reason).toBe('more than 64 levels deep')
  const { content = '' } = (await webhook.quarantine.open(entry?.id ?? '')) ?? {}
  expect(content).toContain('{"value":'.repeat(1_000))
})
