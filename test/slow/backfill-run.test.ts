import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { WorkflowHandle } from '@temporalio/client'
import { beforeAll, describe, expect, it } from 'vitest'
import type { BackfillInput, BackfillProgress, BackfillResult } from '../../src/contracts/backfill.ts'
import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.ts'
import { startTemporal } from '../../src/embedded/temporal.ts'
import { silentProgress as progress } from '../../src/embedded/progress.ts'
import { atEnd } from '../support/at-end.ts'
import { eventually } from '../support/eventually.ts'
import { openPopulation, withRecorded } from '../support/population.ts'
import { holdfast } from '../support/command.ts'
import { collections, openWorld, type World } from '../support/world.ts'

/** So many that a window of them is not all. */
const PEOPLE = 90

let world: World
/** While set, no record is made: signups stay under way. */
let held: Promise<void> | null = null
let starts: string[] = []

beforeAll(async () => {
  // Few events to a history, so that a backfill of ninety continues as new.
  const temporal = await startTemporal({
    progress,
    searchAttributes: SEARCH_ATTRIBUTES,
    dynamicConfig: { 'limit.historyCount.suggestContinueAsNew': 60 },
  })
  atEnd(() => temporal.stop())
  world = await openWorld({ temporalAddress: temporal.address, namespace: temporal.namespace })
  await world.work((deps) => ({
    ...withRecorded(deps, []),
    signups: {
      ...deps.signups,
      tell(news) {
        starts.push(news.identity)
        return deps.signups.tell(news)
      },
    },
    users: {
      ...deps.users,
      async ensure(...args) {
        if (held !== null) await held
        return deps.users.ensure(...args)
      },
    },
  }))
})

async function begin(input: BackfillInput): Promise<WorkflowHandle> {
  return world.temporal.workflow.start('backfill', {
    workflowId: `backfill/atproto/${randomUUID()}`,
    taskQueue: 'holdfast-atproto',
    args: [input],
  })
}
const now = (run: WorkflowHandle) => run.query<BackfillProgress>('progress')
const without = () =>
  openPopulation(world).add({ tenant: 'aesthetic', count: PEOPLE, verified: false, without: ['user'] })

describe('T3: a backfill', () => {
  it('paused sets nobody else going, resumed goes on, and repairs everybody once, over several runs', async () => {
    await without()
    starts = []
    let release = (): void => {}
    held = new Promise((resolve) => (release = resolve))
    const run = await begin({ fix: true })
    await eventually('a window under way', () => starts.length > 0)
    const paused = await holdfast(world.env, 'backfill', 'pause', run.workflowId)
    expect(paused).toMatchObject({ code: 0 })
    await eventually('paused', async () => (await now(run)).paused)
    held = null
    release()
    const window = await eventually('the window has come to rest', async () => {
      const { done } = await now(run)
      return done === starts.length && done
    })
    expect(window).toBeLessThan(PEOPLE)
    await sleep(1_000) // it would go on here
    expect(await now(run)).toMatchObject({ phase: 'repairing', paused: true, total: PEOPLE, done: window })
    expect(starts).toHaveLength(window)

    await holdfast(world.env, 'backfill', 'atproto', 'resume', run.workflowId.split('/').at(-1) ?? '')
    const result = (await run.result()) as BackfillResult
    expect(result).toMatchObject({ processed: PEOPLE, successful: PEOPLE, failed: 0, verified: PEOPLE })
    expect(result.message).toContain('nothing is missing any longer')
    expect(starts.toSorted()).toEqual([...new Set(starts)].toSorted())
    expect(starts).toHaveLength(PEOPLE)
    const { firstExecutionRunId } = run as unknown as { firstExecutionRunId: string }
    expect((await run.describe()).runId).not.toBe(firstExecutionRunId)
  })

  it('cancelled sets nobody else going, and who is under way goes on', async () => {
    const people = await without()
    starts = []
    let release = (): void => {}
    held = new Promise((resolve) => (release = resolve))
    const run = await begin({ fix: true })
    await eventually('a window under way', () => starts.length > 0)
    expect(await holdfast(world.env, 'backfill', 'cancel', run.workflowId)).toMatchObject({ code: 0 })
    await expect(run.result()).rejects.toThrow('cancel')
    const started = starts.length
    held = null
    release()
    const { users } = collections(world.db)
    const made = () => users.countDocuments({ _id: { $in: people.map(({ identity }) => identity) } })
    await eventually('those under way are repaired', async () => (await made()) === started)
    expect(await holdfast(world.env, 'backfill', 'cancel', run.workflowId)).toMatchObject({ code: 1 })
  })

  it('counts who stays silent by what the stores say', async () => {
    const people = await without()
    const [first] = people
    if (first === undefined) throw new Error('nobody')
    starts = []
    let release = (): void => {}
    held = new Promise((resolve) => (release = resolve))
    const run = await begin({ id: first.identity, fix: true })
    await eventually('under way', () => starts.length > 0)
    // Its signup is ended by somebody, and the record made by somebody else: nothing will ever be reported.
    await world.temporal.workflow.getHandle(world.idOf(first.identity)).terminate()
    held = null
    release()
    await collections(world.db).users.updateOne(
      { _id: first.identity },
      { $setOnInsert: { code: 'ac26fabab', when: new Date() } },
      { upsert: true },
    )
    expect(await run.result()).toMatchObject({ processed: 1, successful: 1, verified: 1 })
  })
})
