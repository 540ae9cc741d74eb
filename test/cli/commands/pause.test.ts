import { createActionLog } from '../../../src/state/mongo/actions.ts'
import { beforeAll, expect, describe, it } from 'vitest'
import { startSignup, expectComplete, meets, newPerson, reaches } from '../../support/people.ts'
import { holdfast, jsonOf, statusOf } from '../../support/command.ts'
import { collections, openWorld, type World } from '../../support/world.ts'
import { openWebhook, taken } from '../../support/webhook.ts'
import { entriesOf } from '../../support/log-entries.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  await world.startWorker()
})

describe('a paused system', () => {
  it('creates nothing, takes events in, says so, and goes on for everybody at once', async () => {
    const waiting = await newPerson(world, { verified: false })
    await startSignup(world, waiting)
    await reaches(world, waiting, 'waiting-for-verification')

    const { code, document } = await jsonOf(world.env, 'pause', 'atproto', '--reason', 'the PDS moves')
    expect(code).toBe(0)
    expect(document).toMatchObject({ system: 'atproto', paused: true, reason: 'the PDS moves' })

    const fresh = [await newPerson(world), await newPerson(world)]
    const { deliver } = openWebhook(world)
    const entries = fresh.flatMap(({ identity }) => entriesOf(world, identity, 'ss'))
    expect(await deliver(JSON.stringify(entries))).toEqual(taken(2))
    world.auth0.verifyEmail(waiting.identity)
    await world.signups.notify({ tenant: 'aesthetic', identity: waiting.identity, hint: 'emailVerified' })

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

    for (const command of ['list', 'alerts']) {
      const said = `atproto is paused, .+ by ${String(document['by'])} \\(the PDS moves\\): nothing is created or repaired. To resume: (npx )?holdfast resume atproto`
      expect((await holdfast(world.env, command, 'atproto')).stdout).toMatch(new RegExp(said))
      const { document: page } = await jsonOf(world.env, command, 'atproto')
      expect(page['notices']).toEqual([expect.stringMatching(new RegExp(said)) as string])
    }

    const again = await jsonOf(world.env, 'pause', 'atproto')
    expect(again.document).toMatchObject({ since: document['since'], reason: 'the PDS moves' })

    const resumed = await jsonOf(world.env, 'resume', 'atproto')
    expect(resumed.document).toMatchObject({ paused: false, was: { since: document['since'] } })
    expect([0, 1, 2, 3]).toContain(resumed.document['retried']) // some may just have continued by their own timers
    for (const person of [waiting, ...fresh]) await expectComplete(world, person)
    for (const command of ['list', 'alerts'])
      expect((await holdfast(world.env, command, 'atproto')).stdout).not.toContain('paused')
  })

  it('shows a pause of deletions in list and alerts, and its end with a reason on the record', async () => {
    await holdfast(world.env, 'pause', 'atproto', '--deletions', '--reason', 'ticket 7')
    for (const command of ['list', 'alerts']) {
      const { stdout } = await holdfast(world.env, command, 'atproto')
      expect(stdout).toMatch(
        /Deletions of atproto are paused, .+ \(ticket 7\). To resume: (npx )?holdfast resume atproto --deletions/,
      )
    }
    const address = await holdfast(
      ...([world.env, 'resume', 'atproto', '--deletions', '--reason', 'asked by ana@example.com'] as const),
    )
    expect(address.code).toBe(2)
    const resumed = await holdfast(world.env, 'resume', 'atproto', '--deletions', '--reason', 'ticket 8')
    expect(resumed.code).toBe(0)
    const [record] = await createActionLog(world.db).list({}, 1)
    expect(record).toMatchObject({ name: 'resume --deletions', reason: 'ticket 8', outcome: 'succeeded' })
    await holdfast(world.env, 'resume', 'atproto', '--reason', 'ticket 9')
    const [other] = await createActionLog(world.db).list({}, 1)
    expect(other).toMatchObject({ name: 'resume', reason: 'ticket 9' })
  })

  it('is resumed once: the next time there is nothing to resume', async () => {
    const { code, stdout } = await holdfast(world.env, 'resume', 'atproto')
    expect(code).toBe(0)
    expect(stdout).toContain('atproto was not paused')
  })
})
