import { beforeAll, describe, expect, it } from 'vitest'
import { createHandleSyncs } from '../../../src/client/atproto/handle-syncs.ts'
import { watchHandlesWorkflowId } from '../../../src/contracts/ids.ts'
import { createIdHash } from '../../../src/crypto/keyring.ts'
import { chooseHandle, hasHandle } from '../../support/handles.ts'
import { eventually } from '../../support/eventually.ts'
import { startSignup, expectComplete, label, newPerson, type Person } from '../../support/people.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let working: Awaited<ReturnType<World['startWorker']>>
beforeAll(async () => {
  world = await openWorld()
  working = await world.startWorker()
  const hash = createIdHash(Buffer.from(world.env['HOLDFAST_ID_KEY'] ?? '', 'base64'))
  const syncs = createHandleSyncs(world.temporal, hash)
  await syncs.ensureWatcher()
  await syncs.ensureWatcher() // every worker requests it at its start
})

const tokens = () => world.db.collection<{ _id: string; token: unknown }>('holdfast_resume_tokens')
const followed = () => eventually('a place is kept', () => tokens().findOne({ _id: '@handles' }))

async function completed(): Promise<{ person: Person; code: string }> {
  const person = await newPerson(world)
  await startSignup(world, person)
  const { code } = await expectComplete(world, person)
  return { person, code: code ?? '' }
}

describe('P8: whoever changes a handle in the application', () => {
  it('sees the account follow: set, changed, removed', async () => {
    const { person, code } = await completed()
    await followed()
    const [first, second] = [label(), label()]
    await chooseHandle(world, person, first)
    await hasHandle(world, person, first)
    await chooseHandle(world, person, second)
    await hasHandle(world, person, second)
    await chooseHandle(world, person, null)
    await hasHandle(world, person, code)
  })

  it('while no worker was there sees it follow when one is back, from where the last one stopped', async () => {
    const { person } = await completed()
    await followed()
    await working.stop()
    const chosen = label()
    await chooseHandle(world, person, chosen)
    working = await world.startWorker((deps) => ({
      ...deps,
      // Without a comparison of people, only the stored position leads to the change.
      handleChanges: {
        ...deps.handleChanges,
        pairsPage: () => Promise.reject(new Error('not from scratch')),
      },
    }))
    await hasHandle(world, person, chosen)
  })

  it('in a time that the database no longer remembers sees it follow by a comparison of everybody', async () => {
    const { person, code } = await completed()
    const other = await completed()
    const { token } = await followed()
    await working.stop()
    const chosen = label()
    await chooseHandle(world, person, chosen)
    // A token whose history is gone, as the server sees one: its time is long before the oplog begins.
    expect(token).toMatchObject({ _data: expect.any(String) as string })
    await tokens().updateOne({ _id: '@handles' }, { $set: { token: { _data: ANCIENT } } })
    working = await world.startWorker()
    await hasHandle(world, person, chosen)
    await hasHandle(world, other.person, other.code)
    expect(code).not.toBe(chosen)
    expect(await followed()).not.toMatchObject({ token: { _data: ANCIENT } })
  })

  it('P8: while the account is being made has it under the new one in the end', async () => {
    await working.stop()
    const person = await newPerson(world, { handle: label() })
    const late = label()
    working = await world.startWorker((deps) => ({
      ...deps,
      pds: {
        ...deps.pds,
        async createAccount(account) {
          if (account.email === person.email) await chooseHandle(world, person, late)
          return deps.pds.createAccount(account)
        },
      },
    }))
    await startSignup(world, person)
    await hasHandle(world, person, late)
  })

  it('is watched by one workflow, whoever asks for it', async () => {
    const running = await world.temporal.workflow.count(
      `WorkflowType = 'watchHandles' AND ExecutionStatus = 'Running'`,
    )
    expect(running.count).toBe(1)
    const { status } = await world.temporal.workflow.getHandle(watchHandlesWorkflowId('atproto')).describe()
    expect(status.name).toBe('RUNNING')
  })
})

/** A high-water mark token (version 1) of the first second of 2001. */
const ANCIENT = '823A4FC880000000012B0429296E1404'
