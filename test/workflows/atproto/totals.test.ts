import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import type { EndStage } from '../../../src/contracts/stages.ts'
import { OutsideError } from '../../../src/domain/outside-error.ts'
import { createTotals } from '../../../src/state/mongo/totals.ts'
import { address, newPerson, reaches, retry, startSignup, waitForStatus } from '../../support/people.ts'
import { eventually } from '../../support/eventually.ts'
import { openWorld, type World } from '../../support/world.ts'

const blockedEmail = address()

let world: World
let answersLost = 0
let refusals = 0
beforeAll(async () => {
  world = await openWorld()
  const lost = new Set<EndStage>()
  await world.startWorker((deps) => ({
    ...deps,
    signupCounts: {
      ...deps.signupCounts,
      /** The answer of the first attempt of each outcome is lost after it was counted. */
      async ended(outcome, since) {
        await deps.signupCounts.ended(outcome, since)
        if (lost.has(outcome)) return
        lost.add(outcome)
        answersLost += 1
        throw new OutsideError('mongo-unreachable', 'the answer was lost')
      },
    },
    pds: {
      ...deps.pds,
      async createAccount(account) {
        if (account.email !== blockedEmail) return deps.pds.createAccount(account)
        refusals += 1
        throw new OutsideError('pds-unreachable', 'no answer')
      },
    },
  }))
})

const totals = async (): Promise<string[]> => {
  const hour = 3_600_000
  const period = { from: new Date(Date.now() - 2 * hour), to: new Date(Date.now() + hour) }
  const found = await createTotals(world.db, 'atproto').list('day', period)
  const sums = new Map<string, number>()
  for (const { name, key, count } of found.filter((total) => total.name !== 'gaps')) {
    const text = name === 'times' ? name : `${name} ${key}` // how long it took depends on the machine
    sums.set(text, (sums.get(text) ?? 0) + count)
  }
  return [...sums].map(([text, count]) => `${text} ${count}`)
}

describe('the totals of signups', () => {
  it('have a completed, a deleted and a blocked signup once each, though their activities are retried', async () => {
    const completed = await newPerson(world)
    // Half an hour ago: no bound of a bucket is between an attempt and its repetition.
    await startSignup(world, completed, new Date(Date.now() - 1_800_000).toISOString())
    await reaches(world, completed, 'completed')

    // Without the time of a signup event, the person is looked up first.
    const unknown = { identity: `auth0|${randomUUID()}`, email: '' }
    await world.signups.notify({ tenant: 'aesthetic', identity: unknown.identity, hint: 'emailVerified' })
    await reaches(world, unknown, 'deleted')
    expect(answersLost).toBe(2)

    const blocked = await newPerson(world, { email: blockedEmail })
    await startSignup(world, blocked)
    const isBlocked = ({ problem }: { problem: { name: string } | null }) =>
      problem?.name === 'pds-unreachable'
    await waitForStatus(world, blocked, 'blocked', isBlocked)
    const before = refusals
    await retry(world, blocked)
    await waitForStatus(world, blocked, 'attempted again', (status) => refusals > before && isBlocked(status))

    expect((await totals()).toSorted()).toEqual([
      'begun all 2',
      'blocked pds-unreachable 1',
      'signups completed 1',
      'signups deleted 1',
      'times 1',
    ])

    // A person who has completed before starts another run, which completes, and takes no time to be counted.
    await startSignup(world, completed)
    await eventually('the second run is counted', async () =>
      (await totals()).includes('signups completed 2'),
    )
    expect((await totals()).filter((one) => /^(begun|times)/.test(one))).toEqual(['begun all 3', 'times 1'])
  })
})
