import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { PDS_TASK_QUEUE } from '../../../src/contracts/atproto/workflows.ts'
import { OutsideError } from '../../../src/domain/outside-error.ts'
import { eventually } from '../../support/eventually.ts'
import {
  startSignup,
  expectComplete,
  newPerson,
  retry,
  waitForStatus,
  type Person,
} from '../../support/people.ts'
import { openWorld, type World } from '../../support/world.ts'

const HOUR_MS = 3_600_000
const run = promisify(execFile)

/** The addresses that calls contained, in order, with the time of each. */
const created: { email: string; at: number }[] = []
let limitedUntil: Date | null = null
let world: World
beforeAll(async () => {
  world = await openWorld({ env: { PDS_STEPS_PER_SECOND: '40' } })
  await world.startWorker((deps) => ({
    ...deps,
    pds: {
      ...deps.pds,
      async createAccount(account) {
        if (limitedUntil !== null)
          throw new OutsideError('pds-rate-limited', 'too many', { retryAt: limitedUntil })
        created.push({ email: account.email, at: Date.now() })
        return deps.pds.createAccount(account)
      },
    },
  }))
})

/** The command that docs/operate/rate-limits.md gives operators. */
async function limitQueue(perSecond: string): Promise<void> {
  const where = `--address ${world.env['TEMPORAL_ADDRESS']} --namespace ${world.env['TEMPORAL_NAMESPACE']}`
  const command =
    `task-queue config set --task-queue ${PDS_TASK_QUEUE} --task-queue-type activity ` +
    `--queue-rps-limit ${perSecond} --queue-rps-limit-reason test ${where}`
  await run(inject('servers').temporalCli, command.split(' '))
}

const people = (count: number): Promise<Person[]> =>
  Promise.all(Array.from({ length: count }, () => newPerson(world)))

const queued = async ({ identity }: Person): Promise<boolean> => {
  const { raw } = await world.temporal.workflow.getHandle(world.idOf(identity)).describe()
  return (raw.pendingActivities ?? []).some(({ activityType }) => activityType?.name === 'ensurePdsAccount')
}

describe("P6: the PDS's queue", () => {
  it('is one partition, so that its limit is one', async () => {
    const { activityTaskQueuePartitions } = await world.temporal.workflowService.listTaskQueuePartitions({
      namespace: world.env['TEMPORAL_NAMESPACE'] ?? '',
      taskQueue: { name: PDS_TASK_QUEUE },
    })
    expect(activityTaskQueuePartitions).toHaveLength(1)
  })

  it('takes a limit while it runs, live signups before those of a backfill, and gives it up again', async () => {
    await limitQueue('1')
    created.length = 0
    const backlog = await people(12)
    for (const { identity } of backlog) {
      const signedUpAt = new Date().toISOString()
      await world.signups.notify({
        tenant: 'aesthetic',
        identity,
        signedUpAt,
        hint: 'emailVerified',
        urgency: 'bulk',
      })
    }
    await eventually('the backlog waits its turn', async () => {
      const waiting = await Promise.all(backlog.map(queued))
      return waiting.filter(Boolean).length >= 8
    })
    const live = await newPerson(world)
    await startSignup(world, live)
    await expectComplete(world, live)
    const order = created.map(({ email }) => email)
    expect(order.indexOf(live.email)).toBeLessThan(backlog.length - 2)
    const [first, last] = [created[0]?.at ?? 0, created.at(-1)?.at ?? 0]
    // A limiter may let a second's worth of calls through in one burst.
    expect(created.length).toBeLessThanOrEqual((last - first) / 1_000 + 3)

    await limitQueue('default')
    for (const person of backlog) await expectComplete(world, person)
  })
})

describe('P6: a reset that is far away', () => {
  it('is told as a notice, asked after an hour, is no problem, and goes when the PDS takes the account', async () => {
    const began = Date.now()
    limitedUntil = new Date(began + 5 * HOUR_MS)
    const person = await newPerson(world)
    await startSignup(world, person)
    const status = await waitForStatus(world, person, 'a notice', ({ notices }) => notices.length > 0)
    expect(status).toMatchObject({ stage: 'creating-account', problem: null })
    const [, until = ''] =
      /rate limit is used up\. This signup continues at (\S+Z)\./.exec(status.notices[0] ?? '') ?? []
    expect(Date.parse(until)).toBeGreaterThanOrEqual(began + HOUR_MS)
    expect(Date.parse(until)).toBeLessThan(limitedUntil.getTime())
    expect((await world.reader.list({ blocked: true })).signups).toEqual([])

    limitedUntil = null
    await retry(world, person)
    expect(await expectComplete(world, person)).toMatchObject({ notices: [] })
  })
})
