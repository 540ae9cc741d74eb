import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { failingRuns } from '../../src/client/failing-runs.ts'
import { eventually } from '../support/eventually.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld() // without a worker, so that no task is accepted
})

/** A task that no worker accepted for this long counts as failing. */
const AHEAD_MS = 11 * 60_000

describe('T2: workflows that no worker accepts', () => {
  it("are found on the system's own task queue and on one that is no system's", async () => {
    const started = [
      ['audit', 'holdfast-atproto'],
      ['catchUp', 'holdfast-atprotoo'],
      ['signup', 'holdfast-atprotoo'],
      ['deleteUser', 'holdfast-supabase'], // another system finds it
      ['report', 'theirs'], // of another application
    ] as const
    for (const [type, taskQueue] of started)
      await world.temporal.workflow.start(type, { taskQueue, workflowId: `${type}-${randomUUID()}` })
    await eventually(
      'visibility has all of them',
      async () =>
        (await world.temporal.workflow.count("ExecutionStatus = 'Running'")).count === started.length,
    )
    const found = await failingRuns(world.temporal, 'atproto', new Date(Date.now() + AHEAD_MS))
    expect(found.map(({ type }) => type).toSorted()).toEqual(['audit', 'catchUp', 'signup'])
  })
})
