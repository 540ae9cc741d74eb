import { beforeAll, describe, expect, it } from 'vitest'
import { checkDeletion } from '../../../src/activities/atproto/deletion/guard.ts'
import { retry as retrySignal } from '../../../src/contracts/messages.ts'
import { OutsideError } from '../../../src/domain/outside-error.ts'
import { servedSince } from '../../support/catch-up.ts'
import { deletionsOf, ref } from '../../support/deletion.ts'
import { eventually } from '../../support/eventually.ts'
import {
  address,
  startSignup,
  expectComplete,
  newPerson,
  retry,
  waitForStatus,
  type Person,
} from '../../support/people.ts'
import { openWorld, type World } from '../../support/world.ts'

const HOUR_MS = 3_600_000

let world: World
/** Whether the deletion is blocked. */
let blocked = false
beforeAll(async () => {
  world = await openWorld()
  await servedSince(world, new Date(0))
  await world.startWorker((deps) => ({
    ...deps,
    personalData: {
      ...deps.personalData,
      erase: async (of, person) => {
        if (blocked) throw new OutsideError('mongo-denied', 'a deletion that is blocked')
        return deps.personalData.erase(of, person)
      },
    },
  }))
})

/**
 * Milliseconds until the signup of a person created anew tries again, when the deletion before it has lasted this long.
 */
async function waitAfter(lastedMs: number): Promise<number> {
  const deps = world.connectDeps()
  const { identity } = await newPerson(world)
  await deps.tombstones.set(identity, new Date(Date.now() - lastedMs))
  const person = { email: null, emailVerified: true, createdAt: new Date() }
  const refused: unknown = await checkDeletion(deps, identity, person).catch((error: unknown) => error)
  return ((refused as OutsideError).retryAt?.getTime() ?? 0) - Date.now()
}

describe('T7: somebody created anew while the deletion before them is blocked', () => {
  it('asks less and less often, at the latest after fifteen minutes', async () => {
    expect(await waitAfter(1_000)).toBeLessThanOrEqual(5_000)
    const tenMinutes = await waitAfter(600_000)
    expect(tenMinutes).toBeGreaterThan(5 * 60_000)
    expect(tenMinutes).toBeLessThanOrEqual(10 * 60_000 + 1_000)
    expect(await waitAfter(24 * HOUR_MS)).toBeLessThanOrEqual((15 * 60_000) / 1.1)
  })

  it('says until when they wait, takes a retry, and goes on as soon as the deletion is over', async () => {
    const person = await newPerson(world)
    await startSignup(world, person)
    await expectComplete(world, person)
    world.auth0.deleteUser(person.identity)
    blocked = true
    const deletedAt = new Date(Date.now() - HOUR_MS).toISOString()
    const { workflowId } = await deletionsOf(world).deletions.start(ref(person), { deletedAt })
    const deletion = world.temporal.workflow.getHandle(workflowId)
    await eventually('the deletion is blocked', async () => {
      const { typedSearchAttributes } = await deletion.describe()
      return typedSearchAttributes.getAll().some(({ value }) => value === 'mongo-denied')
    })

    const again: Person = { ...person, email: address() }
    const id = person.identity.slice('auth0|'.length)
    world.auth0.seedUsers([{ id, email: again.email, verified: true }])
    await startSignup(world, again)
    const waits = await waitForStatus(
      world,
      again,
      'it waits for the deletion',
      ({ notices }) => notices.length > 0,
    )
    expect(waits).toMatchObject({ problem: null })
    expect(waits.notices[0]).toContain('continues at')
    await retry(world, again)
    await waitForStatus(world, again, 'it has looked again', ({ notices }) => notices[0] !== waits.notices[0])

    blocked = false
    await deletion.signal(retrySignal)
    expect(await deletion.result()).toMatchObject({ outcome: 'deleted' })
    await expectComplete(world, again)
  })
})
