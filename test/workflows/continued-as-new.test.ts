import { beforeAll, describe, expect, it } from 'vitest'
import type { AtprotoDeps } from '../../src/activities/atproto-deps.ts'
import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.ts'
import { startTemporal } from '../../src/embedded/temporal.ts'
import { silentProgress as progress } from '../../src/embedded/progress.ts'
import { OutsideError } from '../../src/domain/outside-error.ts'
import type { ProblemName } from '../../src/contracts/problems.ts'
import { atEnd } from '../support/at-end.ts'
import { eventually } from '../support/eventually.ts'
import { begin, expectComplete, meets, newPerson, retry, type Person } from '../support/people.ts'
import { collections, openWorld, type World } from '../support/world.ts'

/** Events after which Temporal suggests to continue as new: a round of attempts. */
const FEW = 12

let world: World
let failing: { part: 'auth0' | 'mongo' | 'pds'; problem: ProblemName } | null = null

beforeAll(async () => {
  const temporal = await startTemporal({
    progress,
    searchAttributes: SEARCH_ATTRIBUTES,
    dynamicConfig: { 'limit.historyCount.suggestContinueAsNew': FEW },
  })
  atEnd(() => temporal.stop())
  world = await openWorld({ temporalAddress: temporal.address, namespace: temporal.namespace })
  const orFail =
    <A extends unknown[], R>(part: 'auth0' | 'mongo' | 'pds', call: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> =>
      failing?.part === part ? Promise.reject(new OutsideError(failing.problem, 'away')) : call(...args)
  await world.work((deps): AtprotoDeps => ({
    ...deps,
    verifications: { ...deps.verifications, record: orFail('mongo', deps.verifications.record) },
    pds: { ...deps.pds, createAccount: orFail('pds', deps.pds.createAccount) },
    tenantOf(identity) {
      const tenant = deps.tenantOf(identity)
      return { ...tenant, auth0: { ...tenant.auth0, person: orFail('auth0', tenant.auth0.person) } }
    },
  }))
})

/** Rounds of attempts until the signup has gone on in a new run, the second time. */
async function untilContinued(person: Person): Promise<void> {
  const handle = world.temporal.workflow.getHandle(world.idOf(person.identity))
  const runs = new Set([(await handle.describe()).runId])
  await eventually('two new runs', async () => {
    const attempts = async () =>
      (await world.reader.status(world.idOf(person.identity)))?.problem?.attempts ?? 0
    const before = await attempts()
    await retry(world, person)
    await eventually('another round', async () => (await attempts()) > before)
    runs.add((await handle.describe()).runId)
    return runs.size > 2
  })
}

describe('a problem that outlasts a history', () => {
  it('goes on in a new run with its name, its beginning, its count and the stage', async () => {
    failing = { part: 'pds', problem: 'pds-admin-refused' }
    const person = await newPerson(world)
    await begin(world, person)
    const first = await meets(world, person, 'pds-admin-refused')
    await untilContinued(person)
    const later = await meets(world, person, 'pds-admin-refused')
    expect(later).toMatchObject({
      stage: 'creating-account',
      stageSince: first.stageSince,
      code: first.code,
      problem: { since: first.problem?.since },
    })
    expect(later.problem?.attempts).toBeGreaterThan(first.problem?.attempts ?? 0)
    failing = null
    await retry(world, person)
    await expectComplete(world, person)
  })

  it('does not lose the hint that the person is verified while Auth0 cannot be asked', async () => {
    failing = { part: 'auth0', problem: 'auth0-denied' }
    const person = await newPerson(world)
    await begin(world, person)
    await meets(world, person, 'auth0-denied')
    // By its timer alone: a retry would tell the new run to look.
    const handle = world.temporal.workflow.getHandle(world.idOf(person.identity))
    const { runId } = await handle.describe()
    await eventually('a new run', async () => (await handle.describe()).runId !== runId)
    failing = null
    await expectComplete(world, person)
  })

  it('keeps the time of the signup that only Auth0 knew', async () => {
    failing = { part: 'mongo', problem: 'mongo-denied' }
    const [identity = ''] = world.auth0.seedUsers([
      { email: 'old-friend@example.com', verified: true, createdAt: new Date('2024-02-03T04:05:06.000Z') },
    ])
    const person = { identity, email: 'old-friend@example.com' }
    await world.signups.tell({ tenant: 'aesthetic', identity })
    await meets(world, person, 'mongo-denied')
    await untilContinued(person)
    failing = null
    await retry(world, person)
    await expectComplete(world, person)
    const user = await collections(world.db).users.findOne({ _id: identity })
    expect(user).toMatchObject({ when: new Date('2024-02-03T04:05:06.000Z') })
    expect(user?.code).toMatch(/^ac24/)
  })
})
