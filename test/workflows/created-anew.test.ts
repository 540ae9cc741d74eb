import { beforeAll, describe, expect, it } from 'vitest'
import { isDeleted } from '../../src/activities/tombstoned.ts'
import { retry as retrySignal } from '../../src/contracts/messages.ts'
import { OutsideError } from '../../src/domain/outside-error.ts'
import { deletionsOf, ref } from '../support/deletion.ts'
import { eventually } from '../support/eventually.ts'
import { address, begin, expectComplete, newPerson, retry, seen, type Person } from '../support/people.ts'
import { openWorld, type World } from '../support/world.ts'

const HOUR_MS = 3_600_000

let world: World
/** Whether the deletion stands still. */
let stuck = false
beforeAll(async () => {
  world = await openWorld()
  await world.work((deps) => ({
    ...deps,
    personStores: {
      ...deps.personStores,
      erase: async (of, person) => {
        if (stuck) throw new OutsideError('mongo-denied', 'a deletion that stands still')
        return deps.personStores.erase(of, person)
      },
    },
  }))
})

/** Milliseconds until somebody created anew asks again, when the deletion before them has lasted so long. */
async function waitAfter(lastedMs: number): Promise<number> {
  const deps = world.connect()
  const { identity } = await newPerson(world)
  await deps.tombstones.set(identity, new Date(Date.now() - lastedMs))
  const person = { email: null, emailVerified: true, createdAt: new Date() }
  const refused: unknown = await isDeleted(deps, identity, person).catch((error: unknown) => error)
  return ((refused as OutsideError).retryAt?.getTime() ?? 0) - Date.now()
}

describe('T7: somebody created anew while the deletion before them stands still', () => {
  it('asks less and less often, at the latest after fifteen minutes', async () => {
    expect(await waitAfter(1_000)).toBeLessThanOrEqual(5_000)
    const tenMinutes = await waitAfter(600_000)
    expect(tenMinutes).toBeGreaterThan(5 * 60_000)
    expect(tenMinutes).toBeLessThanOrEqual(10 * 60_000 + 1_000)
    expect(await waitAfter(24 * HOUR_MS)).toBeLessThanOrEqual((15 * 60_000) / 1.1)
  })

  it('says until when they wait, takes a retry, and goes on as soon as the deletion is over', async () => {
    const person = await newPerson(world)
    await begin(world, person)
    await expectComplete(world, person)
    world.auth0.deleteUser(person.identity)
    stuck = true
    const deletedAt = new Date(Date.now() - HOUR_MS).toISOString()
    const { workflowId } = await deletionsOf(world).deletions.start(ref(person), { deletedAt })
    const deletion = world.temporal.workflow.getHandle(workflowId)
    await eventually('the deletion stands still', async () => {
      const { typedSearchAttributes } = await deletion.describe()
      return typedSearchAttributes.getAll().some(({ value }) => value === 'mongo-denied')
    })

    const again: Person = { ...person, email: address() }
    const id = person.identity.slice('auth0|'.length)
    world.auth0.seedUsers([{ id, email: again.email, verified: true }])
    await begin(world, again)
    const waits = await seen(world, again, 'it waits for the deletion', ({ notices }) => notices.length > 0)
    expect(waits).toMatchObject({ problem: null })
    expect(waits.notices[0]).toContain('goes on at')
    await retry(world, again)
    await seen(world, again, 'it has looked again', ({ notices }) => notices[0] !== waits.notices[0])

    stuck = false
    await deletion.signal(retrySignal)
    expect(await deletion.result()).toMatchObject({ outcome: 'deleted' })
    await expectComplete(world, again)
  })
})
