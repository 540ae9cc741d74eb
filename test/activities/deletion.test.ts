import { MockActivityEnvironment } from '@temporalio/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { createAccountActivity } from '../../src/activities/atproto-account.ts'
import type { AtprotoDeps } from '../../src/activities/atproto-deps.ts'
import { createDeletionActivities, createPdsDeletionActivities } from '../../src/activities/deletion.ts'
import type { ExecutionRecord } from '../../src/client/executions.ts'
import { OutsideError } from '../../src/domain/outside-error.ts'
import { newPerson, type Person } from '../support/people.ts'
import { pdsAdmin } from '../support/pds.ts'
import { collections, openWorld, type World } from '../support/world.ts'

let world: World
let deps: AtprotoDeps
beforeAll(async () => {
  world = await openWorld()
  deps = world.connect()
})

const named = ({ identity }: Person) => ({ tenant: 'aesthetic', identity, userId: identity })

describe('T7: a worker that sleeps through a whole deletion right before it makes the account', () => {
  async function wholeDeletion(person: Person): Promise<void> {
    await deps.tombstones.set(person.identity, new Date())
    for (const of of ['application', 'holdfast'] as const) await deps.personStores.erase(of, named(person))
    await deps.tombstones.finish(person.identity, {})
  }

  it.each([
    ['hears of the account', null],
    ['does not hear of it', new OutsideError('pds-unreachable', 'the call was cancelled')],
  ])('%s: it goes, and the deletion looks once more', async (_, lost) => {
    const person = await newPerson(world)
    const { identity } = person
    await deps.users.ensure(identity, new Date(), await deps.codeIndex.guard())
    await deps.intents.prepare(identity, person.email, deps.newPassword)
    const swept: unknown[] = []
    const environment = new MockActivityEnvironment()
    const asleep: AtprotoDeps = {
      ...deps,
      pds: {
        ...deps.pds,
        async createAccount(account) {
          await wholeDeletion(person)
          const made = await deps.pds.createAccount(account)
          environment.cancel() // it was told so long ago, and hears of it now
          if (lost !== null) throw lost
          return made
        },
      },
      deletions: { ...deps.deletions, sweep: async (whom) => void swept.push(whom) },
    }

    const waking = environment.run(createAccountActivity(asleep), { identity })
    await expect(waking).rejects.toMatchObject({ problem: 'deletion-under-way' })
    expect(swept).toEqual([{ tenant: 'aesthetic', identity }])
    // What it knows it made it takes away itself; what it does not know of, the deletion finds.
    const removed = lost === null ? 0 : 1
    expect(await pdsAdmin(world.env).accountsOf(person.email)).toHaveLength(removed)
    const { removeAccounts } = createPdsDeletionActivities(deps)
    expect(await removeAccounts({ identity })).toEqual({ removed, unsettled: true })
    expect(await pdsAdmin(world.env).accountsOf(person.email)).toEqual([])
  })
})

describe('T7: the last look of a deletion', () => {
  it('sees a closed run that Temporal shows late, and is not the end', async () => {
    const person = await newPerson(world)
    const late = { status: 'COMPLETED' } as ExecutionRecord
    const running = { status: 'RUNNING' } as ExecutionRecord
    const { finishDeletion } = createDeletionActivities({
      ...deps,
      executions: { ...deps.executions, list: () => Promise.resolve([running, late]) },
    })
    await deps.tombstones.set(person.identity, new Date())
    expect(await finishDeletion({ identity: person.identity, erased: {} })).toEqual({ left: { temporal: 1 } })
    expect(await deps.tombstones.find(person.identity)).toMatchObject({ finishedAt: null })
  })

  it('that could not tell the person created anew tells them at its next try, and takes nothing of theirs for left over', async () => {
    const at = new Date(Date.now() - 3_600_000)
    const { identity } = await newPerson(world)
    const told: unknown[] = []
    let away = true
    const { finishDeletion } = createDeletionActivities({
      ...deps,
      signups: {
        ...deps.signups,
        async tell(news) {
          if (away) throw new Error('Temporal is away')
          told.push(news)
          return { workflowId: '' }
        },
      },
    })
    await deps.tombstones.set(identity, at)
    await expect(finishDeletion({ identity, erased: { users: 1 } })).rejects.toThrow('away')
    // The end stands written, so their own signup goes on meanwhile.
    await collections(world.db).users.insertOne({ _id: identity, code: 'ac26later', when: new Date() })
    away = false
    expect(await finishDeletion({ identity, erased: { users: 1 } })).toEqual({ left: {} })
    expect(told).toMatchObject([{ tenant: 'aesthetic', identity, hint: 'retry' }])
    expect(await deps.tombstones.find(identity)).toMatchObject({ erased: { users: 1 } })
  })
})

describe('a deletion that was ended by force half-way', () => {
  it('is taken up again although somebody new waits for its end', async () => {
    const { identity } = await newPerson(world)
    const at = new Date(Date.now() - 3_600_000)
    const { beginDeletion } = createDeletionActivities(deps)
    const input = { identity, deletedAt: at.toISOString() }
    expect(await beginDeletion(input)).toEqual({ goOn: false, outcome: 'created-anew' })
    await deps.tombstones.set(identity, at)
    expect(await beginDeletion(input)).toEqual({ goOn: true, deletedAt: at.toISOString() })
  })
})
