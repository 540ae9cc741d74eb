import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { createRepairReports } from '../../src/client/repair-reports.ts'
import type { RepairReport } from '../../src/contracts/backfill.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld() // without a worker, so the signals of a backfill stay in its history
})

const done = (identity: string): RepairReport => ({
  identity,
  outcome: 'done',
  problem: null,
  sentence: '',
  fix: '',
})

/** A backfill that has received reports, and the number of reports in each signal. */
async function backfill() {
  const run = await world.temporal.workflow.start('backfill', {
    workflowId: `backfill/atproto/${randomUUID()}`,
    taskQueue: 'holdfast-atproto',
    args: [{}],
  })
  const signals = async (): Promise<number[]> => {
    const { events } = await run.fetchHistory()
    return (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: signal }) =>
      signal ? [signal.input?.payloads?.length ?? 0] : [],
    )
  }
  return { run, signals }
}

describe('what signups report to a backfill', () => {
  it('goes as one signal where it comes close together, and everybody hears that it was told', async () => {
    const { run, signals } = await backfill()
    const reports = createRepairReports(world.temporal)
    await Promise.all(['a', 'b', 'c'].map((name) => reports.send(run.workflowId, done(`auth0|${name}`))))
    expect(await signals()).toEqual([3])

    await reports.send(run.workflowId, done('auth0|d'))
    expect(await signals()).toEqual([3, 1])
  })

  it('reaches each backfill for itself', async () => {
    const [one, other] = await Promise.all([backfill(), backfill()])
    const reports = createRepairReports(world.temporal)
    await Promise.all([
      reports.send(one.run.workflowId, done('auth0|a')),
      reports.send(other.run.workflowId, done('auth0|b')),
      reports.send(one.run.workflowId, done('auth0|c')),
    ])
    expect([await one.signals(), await other.signals()]).toEqual([[2], [1]])
  })

  it('fails for each of those that went as one, so that each is told again', async () => {
    const reports = createRepairReports(world.temporal)
    const nowhere = '' // not a workflow id: the server refuses it
    const sent = await Promise.allSettled(
      ['a', 'b'].map((name) => reports.send(nowhere, done(`auth0|${name}`))),
    )
    expect(sent.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  })

  it('is no failure once the backfill has ended, and nobody is left to tell', async () => {
    const { run } = await backfill()
    await run.terminate()
    const reports = createRepairReports(world.temporal)
    await expect(reports.send(run.workflowId, done('auth0|a'))).resolves.toBeUndefined()
  })
})
