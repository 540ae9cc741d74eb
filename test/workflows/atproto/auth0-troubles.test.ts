import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { interceptCalls } from '../../support/intercept-calls.ts'
import { startSignup, expectComplete, meets, newPerson, retry } from '../../support/people.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
/** The times at which the person was looked up at Auth0. */
let asked: number[] = []
beforeAll(async () => {
  world = await openWorld()
  await world.startWorker((deps) =>
    interceptCalls(deps, (name, call) => {
      if (name === 'auth0.person') asked.push(Date.now())
      return call()
    }),
  )
})
beforeEach(() => world.auth0.faults.clear())

const eventsOf = async (identity: string) =>
  (await world.temporal.workflow.getHandle(world.idOf(identity)).fetchHistory()).events ?? []

describe('E12: Auth0 answers 429', () => {
  it('is asked again after the reset it names, without a problem in between', async () => {
    const person = await newPerson(world)
    world.auth0.faults.set({ apiError: { status: 429, count: 1, path: '/api/v2/users', resetSeconds: 4 } })
    asked = []
    await startSignup(world, person)
    await expectComplete(world, person)
    const events = await eventsOf(person.identity)
    const [first = 0, second = 0, ...others] = asked
    expect(others).toEqual([])
    expect(second - first).toBeGreaterThanOrEqual(3_000) // the reset is named in whole seconds
    const published = events.flatMap(({ upsertWorkflowSearchAttributesEventAttributes }) =>
      Object.keys(upsertWorkflowSearchAttributesEventAttributes?.searchAttributes?.indexedFields ?? {}),
    )
    expect(published).toContain('SignupStage')
    expect(published).not.toContain('SignupProblem')
  })
})

describe('Auth0 in trouble', () => {
  it('that answers 500 is named, and the signup goes on when it is well again', async () => {
    const person = await newPerson(world)
    world.auth0.faults.set({ apiError: { status: 500 } })
    await startSignup(world, person)
    const status = await meets(world, person, 'auth0-unreachable')
    expect(status.problem?.sentence).toContain('HTTP 500')
    world.auth0.faults.clear()
    await retry(world, person)
    await expectComplete(world, person)
  })

  it('that refuses our secret is named, with the variables to correct', async () => {
    const other = await openWorld({ env: { AUTH0_AESTHETIC_CLIENT_SECRET: 'not the secret' } })
    await other.startWorker()
    const person = await newPerson(other)
    await startSignup(other, person)
    const { problem } = await meets(other, person, 'auth0-denied')
    expect(problem?.fix).toContain('CLIENT_SECRET')
    expect(problem?.attempts).toBe(1)
  })

  it('that does not answer at all is named, with the records made before it was asked', async () => {
    const other = await openWorld()
    await other.startWorker()
    const person = await newPerson(other)
    await other.auth0.stop()
    await startSignup(other, person)
    const { stage, code } = await meets(other, person, 'auth0-unreachable')
    expect(stage).toBe('waiting-for-verification')
    expect(code).not.toBeNull()
  })
})
