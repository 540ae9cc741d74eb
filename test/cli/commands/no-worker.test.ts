import { beforeAll, describe, expect, it } from 'vitest'
import { holdfast, pageOf, statusOf } from '../../support/command.ts'
import { eventually } from '../../support/eventually.ts'
import { startSignup, expectComplete, newPerson, type Person } from '../../support/people.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let people: Person[]
beforeAll(async () => {
  world = await openWorld()
  people = await Promise.all([1, 2, 3].map(() => newPerson(world)))
  for (const person of people) await startSignup(world, person)
})

describe('T1: signups while no worker is there', () => {
  it('say so one by one and in the list, keep nobody waiting, and complete when one comes', async () => {
    const [first] = people
    const status = await statusOf(world.env, 'status', 'atproto', first?.identity ?? '')
    expect(status).toMatchObject({
      code: 0,
      document: { identity: first?.identity, stage: 'recording', problem: { name: 'no-worker' } },
    })
    const { stdout } = await holdfast(world.env, 'status', 'atproto', first?.identity ?? '')
    expect(stdout).toContain('no-worker: No worker polls holdfast-atproto, so its signups do not progress.')
    expect(stdout).toContain('What to do: Start a worker: npm run worker.')

    const signups = await eventually('all can be seen', async () => {
      const { document } = await pageOf(world.env, 'list', 'atproto')
      return document.signups.length === people.length && document.signups
    })
    expect(signups.map(({ problem }) => problem?.name)).toEqual(people.map(() => 'no-worker'))

    const late = await newPerson(world)
    const started = await statusOf(world.env, 'signup', 'atproto', late.identity)
    expect(started).toMatchObject({ code: 1, document: { problem: { name: 'no-worker' } } })

    await world.startWorker()
    for (const person of [...people, late]) await expectComplete(world, person)
    const after = await statusOf(world.env, 'status', 'atproto', first?.identity ?? '')
    expect(after.document).toMatchObject({ stage: 'completed', problem: null })
  })
})
