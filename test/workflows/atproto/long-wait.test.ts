import type { TestWorkflowEnvironment } from '@temporalio/testing'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SignupStatus } from '../../../src/contracts/signup.ts'
import { status } from '../../../src/contracts/messages.ts'
import { atEnd } from '../../support/at-end.ts'
import { eventually } from '../../support/eventually.ts'
import { newPerson, type Person } from '../../support/people.ts'
import { pdsAdmin } from '../../support/pds.ts'
import { timeSkipping } from '../../support/time-skipping.ts'
import { collections, openWorld, type World } from '../../support/world.ts'

const WAIT_DAYS = 60

let environment: TestWorkflowEnvironment
let world: World
/** The number of look-ups at Auth0 so far. */
let looks = 0
beforeAll(async () => {
  environment = await timeSkipping()
  atEnd(() => environment.teardown())
  world = await openWorld({
    temporalAddress: environment.address,
    namespace: 'default',
    env: { HOLDFAST_WAIT_DAYS: String(WAIT_DAYS) },
  })
  await world.startWorker((deps) => ({
    ...deps,
    tenantOf(identity) {
      const tenant = deps.tenantOf(identity)
      const person: typeof tenant.auth0.person = (userId) => {
        looks += 1
        return tenant.auth0.person(userId)
      }
      return { ...tenant, auth0: { ...tenant.auth0, person } }
    },
  }))
})
beforeEach(() => {
  looks = 0
})

/** By the clock of the activities: Temporal's is months ahead after the first test, and such a date is not trusted. */
const now = (): string => new Date().toISOString()
const handleOf = ({ identity }: Person) => world.temporal.workflow.getHandle(world.idOf(identity))

/** A person whose signup waits for the verified e-mail. */
async function waiting(): Promise<Person> {
  const person = await newPerson(world, { verified: false })
  await world.signups.notify({ tenant: 'aesthetic', identity: person.identity, signedUpAt: now() })
  await eventually('it waits', async () => {
    const { stage } = await handleOf(person).query(status)
    return stage === 'waiting-for-verification'
  })
  return person
}

/** The result, without skipping time. */
const result = (person: Person): Promise<SignupStatus> =>
  eventually('it ends', async () => {
    const { status: state } = await handleOf(person).describe()
    return state.name === 'COMPLETED' && ((await handleOf(person).result()) as SignupStatus)
  })

describe('E9: a wait of weeks', () => {
  it('ends as expired after one last look, and a later verification starts it again and completes it', async () => {
    const person = await waiting()
    await environment.sleep(`${WAIT_DAYS - 1} days`)
    expect((await handleOf(person).query(status)).stage).toBe('waiting-for-verification')
    expect(looks).toBe(0)
    await environment.sleep('2 days')
    expect(await result(person)).toMatchObject({ stage: 'expired', problem: null, did: null })
    expect(looks).toBe(1)

    world.auth0.verifyEmail(person.identity)
    await world.signups.notify({ tenant: 'aesthetic', identity: person.identity, hint: 'emailVerified' })
    expect(await result(person)).toMatchObject({ stage: 'completed' })
    expect(await pdsAdmin(world.env).accountsOf(person.email)).toHaveLength(1)
    const { verifications } = collections(world.db)
    expect(await verifications.findOne({ _id: person.identity })).toMatchObject({ count: 1 })
  })

  it('completes two months after the signup when the verification comes while it still waits', async () => {
    const person = await waiting()
    await environment.sleep(`${WAIT_DAYS - 1} days`)
    world.auth0.verifyEmail(person.identity)
    await world.signups.notify({ tenant: 'aesthetic', identity: person.identity, hint: 'emailVerified' })
    expect(await result(person)).toMatchObject({ stage: 'completed' })
  })

  it('completes by its last look when the e-mail became verified with no event', async () => {
    const person = await waiting()
    world.auth0.setEmailVerified(person.identity, true)
    await environment.sleep(`${WAIT_DAYS + 1} days`)
    expect(await result(person)).toMatchObject({ stage: 'completed' })
    expect(looks).toBe(1)
  })

  it('is not ended by a hint that turns out to be untrue', async () => {
    const person = await waiting()
    await world.signups.notify({ tenant: 'aesthetic', identity: person.identity, hint: 'emailVerified' })
    await eventually('it has looked', () => looks === 1)
    await eventually(
      'it waits',
      async () => (await handleOf(person).query(status)).stage === 'waiting-for-verification',
    )
    await environment.sleep(`${WAIT_DAYS + 1} days`)
    expect(await result(person)).toMatchObject({ stage: 'expired' })
  })

  it('ends as deleted when the person is gone at the last look', async () => {
    const person = await waiting()
    world.auth0.deleteUser(person.identity)
    await environment.sleep(`${WAIT_DAYS + 1} days`)
    expect(await result(person)).toMatchObject({ stage: 'deleted' })
  })
})
