import { randomUUID } from 'node:crypto'
import { beforeAll, expect, it } from 'vitest'
import { createAlertStore } from '../../src/state/mongo/alerts.ts'
import type { AuditResult } from '../../src/contracts/audit.ts'
import type { BackfillResult } from '../../src/contracts/backfill.ts'
import { catchUp } from '../support/catch-up.ts'
import { eventually } from '../support/eventually.ts'
import { startSignup, expectComplete, meets, newPerson } from '../support/people.ts'
import { openPopulation, withRecordedAccounts, type Population } from '../support/population.ts'
import { collections, openWorld, type World } from '../support/world.ts'

let world: World
let population: Population

beforeAll(async () => {
  world = await openWorld()
  population = openPopulation(world)
  await population.add({ tenant: 'aesthetic', count: 300, daysAgo: 1 })
  await world.connectDeps().codeIndex.ensureUnique() // or the audit would report the index as missing
  await world.startWorker((deps) => withRecordedAccounts(deps, population.accounts))
})

const run = async <R>(type: string, input: object = {}): Promise<R> =>
  (await world.temporal.workflow.execute(type, {
    workflowId: `${type}/atproto/${randomUUID()}`,
    taskQueue: 'holdfast-atproto',
    args: [input],
  })) as R

const alert = async (name: string) =>
  (await createAlertStore(world.db, 'atproto').list()).find((one) => one.name === name && one.open)

async function codes(): Promise<Map<string, unknown>> {
  const found = await collections(world.db).users.find().toArray()
  return new Map(found.map(({ _id, code, when, atproto }) => [_id, { code, when, did: atproto?.did }]))
}

it('M11, T5: 20 of 300 user records are lost: nothing is repaired by itself, one alert, new people sign up, a backfill rebuilds', async () => {
  const { users } = collections(world.db)
  expect(await run<AuditResult>('audit')).toMatchObject({ pass: true })
  const before = await codes()
  const lost = [...before.keys()].toSorted().slice(0, 20)
  await users.deleteMany({ _id: { $in: lost } })

  await catchUp(world)
  const held = lost.map((identity) => ({ identity, email: '' }))
  for (const person of held) await meets(world, person, 'repairs-held')
  expect(await users.countDocuments({ _id: { $in: lost } })).toBe(0)
  const newcomer = await newPerson(world)
  await startSignup(world, newcomer)
  await expectComplete(world, newcomer)

  await eventually('the alert', async () => {
    await run('watch') // visibility lags
    return (await alert('repairs-held'))?.count === 20
  })
  expect(await alert('repairs-held')).toMatchObject({
    sentence: expect.stringContaining('user record: 20'),
    fix: expect.stringContaining('holdfast backfill atproto --fix'),
  })
  expect(await run<AuditResult>('audit')).toMatchObject({ gaps: { 'user-missing': 20 } })
  expect(await alert('records-lost')).toMatchObject({
    sentence: expect.stringContaining('users 300 before, 281 now'),
  })

  const dry = await run<BackfillResult>('backfill')
  expect(dry).toMatchObject({ totalMissing: 20, skipped: 0 })
  expect(await run<BackfillResult>('backfill', { fix: true, plan: dry.planId })).toMatchObject({
    successful: 20,
    verified: 20,
  })
  const after = await codes()
  after.delete(newcomer.identity)
  expect(after).toEqual(before)
  await eventually('the alert is closed', async () => {
    await run('watch')
    return (await alert('repairs-held')) === undefined
  })
})
