import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { NativeConnection, Worker } from '@temporalio/worker'
import { beforeAll, describe, expect, it } from 'vitest'
import { failingRuns } from '../../src/client/failing-runs.ts'
import { taskQueueOf } from '../../src/contracts/systems.ts'
import { stalledSignups } from '../../src/worker/health/stalled-signups.ts'
import { atEnd } from '../support/at-end.ts'
import { eventually } from '../support/eventually.ts'
import { openWorld, type World } from '../support/world.ts'

const QUEUE = taskQueueOf('atproto')
const TYPES = ['deleteUser', 'syncHandle', 'watchHandles', 'ingest', 'catchUp', 'audit', 'backfill', 'watch']

/** After this time a run is no longer in its first tasks; a task that no worker takes is counted only later still. */
const AHEAD_MS = 6 * 60_000
/** The fourth attempt of a task comes about half a minute after the first. */
const ATTEMPTS_MS = 90_000

let world: World
beforeAll(async () => {
  world = await openWorld()
  const connection = await NativeConnection.connect({ address: world.env['TEMPORAL_ADDRESS'] ?? '' })
  const worker = await Worker.create({
    connection,
    namespace: world.env['TEMPORAL_NAMESPACE'] ?? '',
    taskQueue: QUEUE,
    workflowsPath: fileURLToPath(new URL('../support/faults/other-version.ts', import.meta.url)),
  })
  const ended = worker.run()
  atEnd(async () => {
    worker.shutdown()
    await ended
    await connection.close()
  })
})

const start = (type: string) =>
  world.temporal.workflow.start(type, { taskQueue: QUEUE, workflowId: `${type}-${randomUUID()}` })
const later = (): Date => new Date(Date.now() + AHEAD_MS)

describe('T2: workflows that a worker takes and cannot run', { timeout: ATTEMPTS_MS * 2 }, () => {
  it('are found for every type, and are one alert that names the types; it ends with them', async () => {
    const runs = await Promise.all([...TYPES, 'signup'].map(start))
    const found = await eventually(
      'each has failed often enough',
      async () => {
        const failing = await failingRuns(world.temporal, 'atproto', later())
        return failing.length === runs.length && failing
      },
      ATTEMPTS_MS,
    )
    expect(found.map(({ type }) => type).toSorted()).toEqual([...TYPES, 'signup'].toSorted())
    expect(found.every(({ attempts }) => attempts > 3)).toBe(true)

    const alerts = await stalledSignups(world.temporal, 'atproto', later())
    expect(alerts).toMatchObject([
      { name: 'signups-stalled', count: 1, detail: { types: 'signup 1' } },
      { name: 'workflows-failing', count: TYPES.length },
    ])
    for (const type of TYPES) expect(alerts[1]?.detail?.['types']).toContain(`${type} 1`)

    await Promise.all(runs.map((run) => run.terminate()))
    await eventually(
      'their end can be seen',
      async () => (await stalledSignups(world.temporal, 'atproto', later())).length === 0,
    )
  })
})
