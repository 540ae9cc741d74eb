import { beforeAll, describe, expect, it } from 'vitest'
import type { WorkerDeps } from '../support/atproto-worker.ts'
import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.ts'
import { startTemporal } from '../../dev/servers/temporal/temporal.ts'
import { silentProgress as progress } from '../../dev/servers/lib/progress.ts'
import { OutsideError } from '../../src/domain/outside-error.ts'
import type { ProblemName } from '../../src/contracts/problems.ts'
import { atEnd } from '../support/at-end.ts'
import { eventually } from '../support/eventually.ts'
import {
  address,
  startSignup,
  expectComplete,
  meets,
  newPerson,
  reaches,
  retry,
  type Person,
} from '../support/people.ts'
import { pdsAdmin } from '../support/pds.ts'
import { collections, openWorld, type World } from '../support/world.ts'

/** The number of events after which Temporal suggests to continue as new: one round of attempts. */
const FEW = 12

let world: World
type Part = 'auth0' | 'mongo' | 'pds' | 'pds-answer'
let failing: { part: Part; problem: ProblemName } | null = null
let accountMade = false

beforeAll(async () => {
  const temporal = await startTemporal({
    progress,
    searchAttributes: SEARCH_ATTRIBUTES,
    dynamicConfig: { 'limit.historyCount.suggestContinueAsNew': FEW },
  })
  atEnd(() => temporal.stop())
  world = await openWorld({ temporalAddress: temporal.address, namespace: temporal.namespace })
  const orFail =
    <A extends unknown[], R>(part: Part, call: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> =>
      failing?.part === part ? Promise.reject(new OutsideError(failing.problem, 'away')) : call(...args)
  await world.startWorker((deps): WorkerDeps => ({
    ...deps,
    verifications: { ...deps.verifications, record: orFail('mongo', deps.verifications.record) },
    pds: {
      ...deps.pds,
      createAccount: orFail('pds', async (account) => {
        const made = await deps.pds.createAccount(account)
        accountMade = true
        if (failing?.part === 'pds-answer') throw new OutsideError(failing.problem, 'its answer is lost')
        return made
      }),
      assertAccountsAllowed: async () => {
        const open = await deps.pds.assertAccountsAllowed()
        // Once an account exists, the call before it fails too, not only the answer to its creation.
        if (failing?.part === 'pds-answer' && accountMade) throw new OutsideError(failing.problem, 'away')
        return open
      },
    },
    tenantOf(identity) {
      const tenant = deps.tenantOf(identity)
      return { ...tenant, auth0: { ...tenant.auth0, person: orFail('auth0', tenant.auth0.person) } }
    },
  }))
})

/** Waits for rounds of attempts until the signup has continued in a new run twice. */
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
    await startSignup(world, person)
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

  it('L2: adopts the account whose answer was lost, although the address is not verified any longer', async () => {
    failing = { part: 'pds-answer', problem: 'pds-unreachable' }
    accountMade = false
    const person = await newPerson(world)
    await startSignup(world, person)
    await meets(world, person, 'pds-unreachable')
    world.auth0.changeEmail(person.identity, address())
    await untilContinued(person)
    failing = null
    await retry(world, person)
    const [made] = await eventually('the account', () => pdsAdmin(world.env).accountsOf(person.email))
    await eventually('the record names it', async () => {
      const user = await collections(world.db).users.findOne({ _id: person.identity })
      return user?.atproto?.did === made?.did
    })
    await eventually('no problem is shown any longer', async () => {
      const status = await world.reader.status(world.idOf(person.identity))
      return status?.problem === null
    })
  })

  it('L2: shows no problem of a step it has left for the wait', async () => {
    failing = { part: 'pds', problem: 'pds-unreachable' }
    const person = await newPerson(world)
    await startSignup(world, person)
    await meets(world, person, 'pds-unreachable')
    await untilContinued(person)
    world.auth0.changeEmail(person.identity, address())
    failing = null
    await retry(world, person)
    const status = await reaches(world, person, 'waiting-for-verification')
    expect(status.problem).toBeNull()
  })

  it('does not lose the hint that the person is verified while Auth0 cannot be asked', async () => {
    failing = { part: 'auth0', problem: 'auth0-denied' }
    const person = await newPerson(world)
    await startSignup(world, person)
    await meets(world, person, 'auth0-denied')
    // The signup continues only by its timer: a retry signal would make the new run look at Auth0.
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
    await world.signups.notify({ tenant: 'aesthetic', identity })
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
