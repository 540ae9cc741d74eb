import type * as Crypto from 'node:crypto'
import { randomUUID } from 'node:crypto'
import { beforeAll, expect, it, vi } from 'vitest'
import type { WorkerDeps } from '../../support/atproto-worker.ts'
import type { AuditResult } from '../../../src/contracts/audit.ts'
import type { BackfillResult } from '../../../src/contracts/backfill.ts'
import { openPopulation, withRecordedAccounts, type Population } from '../../support/population.ts'
import { collections, openWorld, type World } from '../../support/world.ts'

const CONSONANTS = 'bcdfghjkmnprstvwxyz'
const VOWELS = 'aeou'
/** The letters that the next draws choose; random ones when the list is empty. */
const draws = vi.hoisted(() => ({ next: [] as number[] }))
vi.mock('node:crypto', async (original) => {
  const real = await original<typeof Crypto>()
  return { ...real, randomInt: (max: number) => draws.next.shift() ?? real.randomInt(max) }
})

let world: World
let population: Population
let deps: WorkerDeps

beforeAll(async () => {
  world = await openWorld()
  population = openPopulation(world)
  await population.add({ tenant: 'aesthetic', count: 200, daysAgo: 1 })
  deps = world.connectDeps()
  await deps.codeIndex.ensureUnique() // or the audit would report the index as missing
  await world.startWorker((theirs) => withRecordedAccounts(theirs, population.accounts))
})

const run = async <R>(type: string, input: object = {}): Promise<R> =>
  (await world.temporal.workflow.execute(type, {
    workflowId: `${type}/atproto/${randomUUID()}`,
    taskQueue: 'holdfast-atproto',
    args: [input],
  })) as R

async function everybody() {
  const found = await collections(world.db).users.find().toArray()
  return new Map(found.map(({ _id, code, when, atproto }) => [_id, { code, when, did: atproto?.did }]))
}

/** Creates a person whose draw yields exactly this code; returns the code they get. */
async function draw(code: string): Promise<string> {
  const [c1, v1, c2, v2, c3] = code.slice(4)
  const at = (letters: string, letter = '') => letters.indexOf(letter)
  // The order in which a code is composed: its end first.
  draws.next = [at(VOWELS, v1), at(CONSONANTS, c2), at(VOWELS, v2), at(CONSONANTS, c3), at(CONSONANTS, c1)]
  const identity = world.auth0.signUp({ email: `${randomUUID()}@example.com` })
  return deps.users.ensure(identity, new Date(), await deps.codeIndex.ensureUnique())
}

it('M11: users is restored from an old copy, and 25 of the missing codes are drawn again: everybody keeps code and account', async () => {
  const { users } = collections(world.db)
  expect(await run<AuditResult>('audit')).toMatchObject({ pass: true })
  const before = await everybody()
  const missing = [...before].toSorted(([a], [b]) => (a < b ? -1 : 1)).slice(0, 50)
  await users.deleteMany({ _id: { $in: missing.map(([identity]) => identity) } })

  for (const [, { code }] of missing.slice(0, 25)) expect(await draw(code ?? '')).not.toBe(code)
  // Another program gave five more codes away: their new owners keep them.
  const taken = missing.slice(25, 30)
  for (const [n, [, { code }]] of taken.entries())
    await users.insertOne({ _id: `auth0|theirs${n}`, code: code ?? '', when: new Date() })
  const others = await everybody()

  expect(await run<BackfillResult>('backfill', { fix: true })).toMatchObject({ successful: 50, failed: 0 })
  const after = await everybody()
  for (const [identity, held] of others) expect(after.get(identity)).toEqual(held)
  const lostCode = new Set(taken.map(([identity]) => identity))
  for (const [identity, held] of missing) {
    const now = after.get(identity)
    if (!lostCode.has(identity)) expect(now).toEqual(held)
    else {
      expect(now).toMatchObject({ did: held.did, when: held.when })
      expect(now?.code).not.toBe(held.code)
    }
  }
  expect(new Set([...after.values()].map(({ code }) => code)).size).toBe(after.size)
})
