import { beforeAll, describe, it } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { address, expectComplete, newPerson, type Person } from '../../support/people.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
/** Runs in place of the report of a signup's end to the backfill that requested it. */
let meanwhile: () => Promise<void> = () => Promise.resolve()
beforeAll(async () => {
  world = await openWorld()
  await world.startWorker((deps) => ({ ...deps, repairReports: { send: () => meanwhile() } }))
})

const changed = (person: Person): Promise<unknown> =>
  world.signups.notify({
    tenant: 'aesthetic',
    identity: person.identity,
    hint: 'emailChanged',
    changedAt: new Date().toISOString(),
  })

/** The server has delivered the signal to the workflow, which is still making its report. */
async function signalTaken({ identity }: Person): Promise<boolean> {
  const { events } = await world.temporal.workflow.getHandle(world.idOf(identity)).fetchHistory()
  const at = (events ?? []).findLastIndex(
    ({ workflowExecutionSignaledEventAttributes: signal }) => signal?.signalName === 'emailChanged',
  )
  const after = (events ?? []).slice(at + 1)
  return at >= 0 && after.some(({ workflowTaskStartedEventAttributes: started }) => started)
}

describe('L7: a hint that comes while the end of a signup is reported', () => {
  it('is looked into before the signup ends', async () => {
    const person = await newPerson(world)
    const moved = { ...person, email: address() }
    meanwhile = async () => {
      meanwhile = () => Promise.resolve()
      world.auth0.changeEmail(person.identity, moved.email, true)
      await changed(person)
      await eventually('the signal is taken', () => signalTaken(person), 11_000)
    }
    await world.signups.notify({
      tenant: 'aesthetic',
      identity: person.identity,
      hint: 'retry',
      reportTo: 'backfill/atproto/none',
    })
    // On a loaded machine the hint may come after the end and start a run of its own: it must not be lost either way.
    await eventually('the hint was looked into', async () => {
      await expectComplete(world, moved, { count: 2 })
      return true
    })
  })
})
