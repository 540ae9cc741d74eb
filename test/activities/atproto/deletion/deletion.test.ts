import { MockActivityEnvironment } from '@temporalio/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { accountActivity } from '../../../support/account-activity.ts'
import type { AtprotoDeps } from '../../../../src/activities/atproto/deps.ts'
import { createPdsDeletionActivities } from '../../../../src/activities/atproto/deletion/activities.ts'
import type { WorkflowRun } from '../../../../src/client/person-workflows.ts'
import { OutsideError } from '../../../../src/domain/outside-error.ts'
import { servedSince } from '../../../support/catch-up.ts'
import { deletionActivities } from '../../../support/deletion-activities.ts'
import { newPerson, type Person } from '../../../support/people.ts'
import { pdsAdmin } from '../../../support/pds.ts'
import { collections, openWorld, type World } from '../../../support/world.ts'

let world: World
let deps: AtprotoDeps
beforeAll(async () => {
  world = await openWorld()
  await servedSince(world, new Date(0))
  deps = world.connectDeps()
})

const named = ({ identity }: Person) => ({ tenant: 'aesthetic', identity, userId: identity })

describe('T7: a worker that sleeps through a whole deletion right before it makes the account', () => {
  async function wholeDeletion(person: Person): Promise<void> {
    await deps.tombstones.set(person.identity, new Date())
    for (const of of ['application', 'holdfast'] as const) await deps.personalData.erase(of, named(person))
    await deps.tombstones.finish(person.identity, {})
  }

  it.each([
    ['hears of the account', null],
    ['does not hear of it', new OutsideError('pds-unreachable', 'the call was cancelled')],
  ])('%s: it goes, and the deletion looks once more', async (_, lost) => {
    const person = await newPerson(world)
    const { identity } = person
    await deps.users.ensure(identity, new Date(), await deps.codeIndex.ensureUnique())
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
          environment.cancel() // the suspended activity learns of its cancellation only now
          if (lost !== null) throw lost
          return made
        },
      },
      deletions: { ...deps.deletions, requestSweep: async (whom) => void swept.push(whom) },
    }

    const waking = environment.run(accountActivity(asleep), { identity })
    await expect(waking).rejects.toMatchObject({ problem: 'deletion-under-way' })
    expect(swept).toEqual([{ tenant: 'aesthetic', identity }])
    // The activity removes the account that it knows it made; an account that it does not know of is found by the
    // deletion.
    const removed = lost === null ? 0 : 1
    expect(await pdsAdmin(world.env).accountsOf(person.email)).toHaveLength(removed)
    const { deletePdsAccounts } = createPdsDeletionActivities(deps)
    expect(await deletePdsAccounts({ identity })).toEqual({ removed, unsettled: true })
    expect(await pdsAdmin(world.env).accountsOf(person.email)).toEqual([])
  })
})

describe('T7: closed runs that Temporal still lists two minutes after their deletion began', () => {
  it('are a problem an operator sees, and no loop without an end', async () => {
    const { identity } = await newPerson(world)
    const { deleteWorkflowHistories } = deletionActivities({
      ...deps,
      personWorkflows: { ...deps.personWorkflows, deleteClosed: () => Promise.resolve(['run-1', 'run-2']) },
    })
    expect(await deleteWorkflowHistories({ identity })).toEqual(['run-1', 'run-2'])
    await expect(deleteWorkflowHistories({ identity, overdue: true })).rejects.toMatchObject({
      type: 'temporal-refused',
      message: expect.stringContaining('still lists 2 closed runs') as string,
    })
  })
})

describe('T7: the last look of a deletion', () => {
  it('sees a closed run that Temporal shows late, and is not the end', async () => {
    const person = await newPerson(world)
    const late = { status: 'COMPLETED' } as WorkflowRun
    const running = { status: 'RUNNING' } as WorkflowRun
    const { finishDeletion } = deletionActivities({
      ...deps,
      personWorkflows: { ...deps.personWorkflows, list: () => Promise.resolve([running, late]) },
    })
    await deps.tombstones.set(person.identity, new Date())
    expect(await finishDeletion({ identity: person.identity, erased: {} })).toEqual({
      remaining: { temporal: 1 },
    })
    expect(await deps.tombstones.find(person.identity)).toMatchObject({ finishedAt: null })
  })

  it('that could not tell the person created anew tells them at its next try, and takes nothing of theirs for left over', async () => {
    const at = new Date(Date.now() - 3_600_000)
    const { identity } = await newPerson(world)
    const told: unknown[] = []
    let away = true
    const { finishDeletion } = deletionActivities({
      ...deps,
      signups: {
        ...deps.signups,
        async notify(news) {
          if (away) throw new Error('Temporal is away')
          told.push(news)
          return { workflowId: '' }
        },
      },
    })
    await deps.tombstones.set(identity, at)
    await expect(finishDeletion({ identity, erased: { users: 1 } })).rejects.toThrow('away')
    // The deletion's end is already stored, so a new signup of the person may continue meanwhile.
    await collections(world.db).users.insertOne({ _id: identity, code: 'ac26later', when: new Date() })
    away = false
    expect(await finishDeletion({ identity, erased: { users: 1 } })).toEqual({ remaining: {} })
    expect(told).toMatchObject([{ tenant: 'aesthetic', identity, hint: 'retry' }])
    expect(await deps.tombstones.find(identity)).toMatchObject({ erased: { users: 1 } })
  })
})

describe('a deletion that was ended by force half-way', () => {
  it('is taken up again although somebody new waits for its end', async () => {
    const { identity } = await newPerson(world)
    const at = new Date(Date.now() - 3_600_000)
    const { beginDeletion } = deletionActivities(deps)
    const input = { identity, deletedAt: at.toISOString() }
    expect(await beginDeletion(input)).toEqual({ goOn: false, outcome: 'created-anew' })
    await deps.tombstones.set(identity, at)
    expect(await beginDeletion(input)).toEqual({ goOn: true, deletedAt: at.toISOString() })
  })
})

describe('E2: a deletion without a date while the provider answers slowly', () => {
  it('is dated before a person who was created while the answer was awaited', async () => {
    const { identity } = await newPerson(world)
    let createdMeanwhile: Date | undefined
    const person = async () => {
      await new Promise((resolve) => setTimeout(resolve, 5)) // at least one tick of the clock
      createdMeanwhile = new Date()
      return null
    }
    const tenantOf: AtprotoDeps['tenantOf'] = (of) => {
      const tenant = deps.tenantOf(of)
      return { ...tenant, auth0: { ...tenant.auth0, person } }
    }
    const { beginDeletion } = deletionActivities({ ...deps, tenantOf })
    await beginDeletion({ identity, by: 'command' })
    const tombstone = await deps.tombstones.find(identity)
    expect(tombstone?.at.getTime()).toBeLessThan(createdMeanwhile?.getTime() ?? 0)
  })
})
