import { beforeAll, expect, describe, it } from 'vitest'
import { begin, expectComplete, meets, newPerson, reaches } from '../support/people.ts'
import { holdfast, jsonOf, statusOf } from '../support/command.ts'
import { collections, openWorld, type World } from '../support/world.ts'
import { openWebhook, taken } from '../support/webhook.ts'
import { entriesOf } from '../support/log-entries.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  await world.work()
})

describe('a paused system', () => {
  it('creates nothing, takes events in, says so, and goes on for everybody at once', async () => {
    const waiting = await newPerson(world, { verified: false })
    await begin(world, waiting)
    await reaches(world, waiting, 'waiting-for-verification')

    const { code, document } = await jsonOf(world.env, 'pause', 'atproto', '--reason', 'the PDS moves')
    expect(code).toBe(0)
    expect(document).toMatchObject({ system: 'atproto', paused: true, reason: 'the PDS moves' })

    const fresh = [await newPerson(world), await newPerson(world)]
    const { deliver } = openWebhook(world)
    const entries = fresh.flatMap(({ identity }) => entriesOf(world, identity, 'ss'))
    expect(await deliver(JSON.stringify(entries))).toEqual(taken(2))
    world.auth0.verifyEmail(waiting.identity)
    await world.signups.tell({ tenant: 'aesthetic', identity: waiting.identity, hint: 'emailVerified' })

    const held = await meets(world, waiting, 'paused')
    expect(held.stage).toBe('creating-account')
    for (const person of fresh) expect((await meets(world, person, 'paused')).stage).toBe('creating-user')
    const { document: shown } = await statusOf(world.env, 'status', 'atproto', waiting.identity)
    expect(shown.problem?.sentence).toContain('the PDS moves')
    expect(shown.problem?.sentence).toContain(` by ${String(document['by'])}`)
    expect(shown.problem?.fix).toContain('holdfast resume atproto')
    const { users } = collections(world.db)
    expect(await users.countDocuments({ _id: { $in: fresh.map(({ identity }) => identity) } })).toBe(0)
    expect(await users.findOne({ _id: waiting.identity })).not.toHaveProperty('atproto')

    const again = await jsonOf(world.env, 'pause', 'atproto')
    expect(again.document).toMatchObject({ since: document['since'], reason: 'the PDS moves' })

    const resumed = await jsonOf(world.env, 'resume', 'atproto')
    expect(resumed.document).toMatchObject({ paused: false, was: { since: document['since'] }, told: 3 })
    for (const person of [waiting, ...fresh]) await expectComplete(world, person)
  })

  it('is resumed once: the next time there is nothing to resume', async () => {
    const { code, stdout } = await holdfast(world.env, 'resume', 'atproto')
    expect(code).toBe(0)
    expect(stdout).toContain('atproto was not paused')
  })
})
