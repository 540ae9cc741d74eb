import { beforeAll, describe, expect, it } from 'vitest'
import { retry } from '../../src/contracts/messages.ts'
import type { DeletionProof } from '../../src/contracts/deletion.ts'
import { deleted, deletionsOf, expectGone, ref } from '../support/deletion.ts'
import { eventually } from '../support/eventually.ts'
import { startSignup, expectComplete, newPerson, reaches } from '../support/people.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  await world.startWorker()
})

describe('a deletion that is forced', () => {
  it('while one that is not still waits for its answer, is one deletion, and deletes', async () => {
    const person = await newPerson(world, { verified: false })
    await startSignup(world, person)
    await reaches(world, person, 'waiting-for-verification')
    world.auth0.faults.set({ apiError: { status: 500 } })
    const { deletions } = deletionsOf(world)
    const first = await deletions.start(ref(person))
    const handle = world.temporal.workflow.getHandle(first.workflowId)
    await eventually('it waits for Auth0', async () => {
      const status = await deletions.status(first.workflowId, first.runId)
      return status?.problem?.name === 'auth0-unreachable'
    })

    expect(await deletions.start(ref(person), { force: true })).toEqual(first)
    world.auth0.faults.clear()
    await handle.signal(retry)
    const proof = (await handle.result()) as DeletionProof
    expect(proof).toMatchObject({ outcome: 'deleted', erased: { users: 1 } })
    await expectGone(world, person)
  })

  it('while the first is being answered, is asked once more', async () => {
    const person = await newPerson(world, { verified: false })
    const other = await openWorld()
    let answer = (): void => {}
    const asked = new Promise<void>((resolve) => (answer = resolve))
    let questions = 0
    await other.startWorker((deps) => ({
      ...deps,
      tenantOf(identity) {
        const tenant = deps.tenantOf(identity)
        const auth0 = {
          ...tenant.auth0,
          async person() {
            questions += 1
            if (questions === 1) await asked
            return { email: person.email, emailVerified: false, createdAt: new Date(0) }
          },
        }
        return { ...tenant, auth0 }
      },
    }))
    const { deletions } = deletionsOf(other)
    const { workflowId } = await deletions.start(ref(person))
    await eventually('it asks', () => questions === 1)
    await deletions.start(ref(person), { force: true })
    answer()
    expect(await other.temporal.workflow.getHandle(workflowId).result()).toMatchObject({ outcome: 'deleted' })
  })
})

describe('M6: a deletion requested while one is about to answer that the provider knows the person', () => {
  it('makes that one ask the provider again, and deletes', async () => {
    const other = await openWorld()
    const person = await newPerson(other, { verified: false })
    let answer = (): void => {}
    const asked = new Promise<void>((resolve) => (answer = resolve))
    let questions = 0
    await other.startWorker((deps) => ({
      ...deps,
      tenantOf(identity) {
        const tenant = deps.tenantOf(identity)
        const auth0 = {
          ...tenant.auth0,
          async person(userId: string) {
            const seen = await tenant.auth0.person(userId)
            questions += 1
            if (questions === 1) await asked // the data it has just read is outdated when it answers
            return seen
          },
        }
        return { ...tenant, auth0 }
      },
    }))
    const { deletions } = deletionsOf(other)
    const first = await deletions.start(ref(person))
    await eventually('it asks', () => questions === 1)
    other.auth0.deleteUser(person.identity)
    expect(await deletions.start(ref(person), { deletedAt: new Date().toISOString() })).toEqual(first)
    answer()
    const proof = await other.temporal.workflow.getHandle(first.workflowId).result()
    expect(proof).toMatchObject({ outcome: 'deleted' })
  })
})

describe('T7: a deletion that hears of something late in its last moment', () => {
  it('goes round once more, and counts nothing twice', async () => {
    const other = await openWorld()
    const { deletions } = deletionsOf(other)
    const person = await newPerson(other)
    let ends = 0
    await other.startWorker((deps) => ({
      ...deps,
      tombstones: {
        ...deps.tombstones,
        async finish(...finished) {
          ends += 1
          if (ends === 1) await deletions.requestSweep(ref(person))
          await deps.tombstones.finish(...finished)
        },
      },
    }))
    await startSignup(other, person)
    await expectComplete(other, person)
    other.auth0.deleteUser(person.identity)
    const proof = await deleted(other, person)
    expect(ends).toBe(2)
    expect(proof).toMatchObject({ outcome: 'deleted', erased: { users: 1, pds: 1 } })
    const { erased } = (await other.connectDeps().tombstones.find(person.identity)) ?? {}
    expect(erased).toEqual(proof.erased)
  })
})
