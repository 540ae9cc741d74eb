import { beforeAll, describe, expect, it } from 'vitest'
import { catchUp, cursorOf } from '../support/catch-up.ts'
import { holdfast } from '../support/command.ts'
import { expectComplete, newPerson } from '../support/people.ts'
import { openWorld, type World } from '../support/world.ts'

const HOUR_MS = 3_600_000
const ago = (hours: number): Date => new Date(Date.now() - hours * HOUR_MS)

let world: World
/** The hours by which Auth0's clock is behind the real one. */
let hoursAgo = 0
beforeAll(async () => {
  world = await openWorld({ auth0Now: () => ago(hoursAgo) })
  await world.startWorker()
})

describe('E6: the retention of the log has passed as well', () => {
  it('the gap is recorded and said, reading goes on from the oldest that is kept, and who came since is told', async () => {
    hoursAgo = 72
    await newPerson(world)
    await catchUp(world)
    const from = ago(72)
    await cursorOf(world).set({ caughtUpAt: from, lastEventAt: from })
    hoursAgo = 40
    await newPerson(world) // their events will never be read
    hoursAgo = 2
    const kept = await newPerson(world)
    hoursAgo = 0
    world.auth0.faults.set({ retentionMs: 24 * HOUR_MS })

    const { gap } = await catchUp(world)
    expect(gap?.from).toBe(from.toISOString())
    expect(Math.abs(Date.parse(gap?.to ?? '') - ago(2).getTime())).toBeLessThan(60_000)
    await expectComplete(world, kept)
    const said = await holdfast(world.env, 'catch-up', 'atproto', '--status')
    expect(said.stdout).toContain('holdfast audit atproto --tenant aesthetic')

    expect((await holdfast(world.env, 'catch-up', 'atproto', '--close-gap')).code).toBe(0)
    expect(await catchUp(world)).toMatchObject({ gap: null, events: 0 })
    expect((await holdfast(world.env, 'catch-up', 'atproto', '--close-gap')).code).toBe(1)
  })
})
