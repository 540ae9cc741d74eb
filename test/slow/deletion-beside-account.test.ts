import { describe, expect, it } from 'vitest'
import { handleUnder } from '../../src/domain/atproto/handle.ts'
import { OutsideError } from '../../src/domain/outside-error.ts'
import { deleted, deletionsOf, expectGone, ref } from '../support/deletion.ts'
import { eventually } from '../support/eventually.ts'
import { startSignup, label, meets, newPerson } from '../support/people.ts'
import { openWorld } from '../support/world.ts'

describe('T7: a deletion while an account is being made', () => {
  it('waits for the call that is under way, and takes away what it made', async () => {
    const world = await openWorld()
    let letGo = (): void => {}
    const held = new Promise<void>((resolve) => (letGo = resolve))
    let called = false
    let made = false
    await world.startWorker((deps) => ({
      ...deps,
      pds: {
        ...deps.pds,
        async createAccount(account) {
          called = true
          await held
          const result = await deps.pds.createAccount(account)
          made = true
          return result
        },
      },
    }))
    const person = await newPerson(world)
    await startSignup(world, person)
    await eventually('the account is about to be made', () => called)
    world.auth0.deleteUser(person.identity)
    const { workflowId } = await deletionsOf(world).deletions.start(ref(person))
    await eventually('the signup is stopped', async () => {
      const { status } = await world.temporal.workflow.getHandle(world.idOf(person.identity)).describe()
      return status.name === 'TERMINATED'
    })
    letGo()
    expect(await world.temporal.workflow.getHandle(workflowId).result()).toMatchObject({
      outcome: 'deleted',
      erased: { pds: 1 },
    })
    expect(made).toBe(true)
    await expectGone(world, person)
  })

  it('takes away an account whose answer was lost', async () => {
    const world = await openWorld()
    await world.startWorker((deps) => ({
      ...deps,
      pds: {
        ...deps.pds,
        async createAccount(account) {
          await deps.pds.createAccount(account)
          throw new OutsideError('pds-admin-refused', 'the answer was lost')
        },
      },
    }))
    const person = await newPerson(world)
    await startSignup(world, person)
    await meets(world, person, 'pds-admin-refused')
    world.auth0.deleteUser(person.identity)
    expect(await deleted(world, person)).toMatchObject({ outcome: 'deleted', erased: { pds: 1 } })
    await expectGone(world, person)
  })
  it('takes away one that is made when the wait is over, while records are erased', async () => {
    const world = await openWorld()
    const person = await newPerson(world)
    const { intents } = world.connectDeps()
    await intents.prepare(person.identity, person.email, () => 'drawn once')
    const handle = handleUnder(label(), world.env['PDS_HANDLE_DOMAIN'] ?? '')
    await intents.recordAttempt(person.identity, { handle, alias: null, inviteCode: null })
    let made = 0
    await world.startWorker((deps) => ({
      ...deps,
      personalData: {
        ...deps.personalData,
        async erase(of, whom) {
          if (of === 'application' && made++ === 0)
            await deps.pds.createAccount({
              handle,
              email: person.email,
              password: 'drawn once',
              inviteCode: null,
            })
          return deps.personalData.erase(of, whom)
        },
      },
    }))
    world.auth0.deleteUser(person.identity)
    expect(await deleted(world, person)).toMatchObject({ outcome: 'deleted', erased: { pds: 1 } })
    await expectGone(world, person)
  })
})
