import { beforeAll, describe, expect, it } from 'vitest'
import { plannedSchedules } from '../../src/client/planned-schedules.ts'
import { createSchedules } from '../../src/client/schedules.ts'
import { taskQueueOf } from '../../src/contracts/systems.ts'
import { watchCheck } from '../../src/http/watch-check.ts'
import { eventually } from '../support/eventually.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})

/** So long ago that every existing run counts as late, but one that has just completed does not. */
const soon = 5_000
const never = new Set<never>()

describe('T10: watch itself no longer runs', () => {
  it('is watch-late, with the reason, until a run completes; time without a worker does not count', async () => {
    const check = watchCheck({ temporal: world.temporal, system: 'atproto', lateMs: soon })
    const troubles = async (before: ReadonlySet<'no-worker'> = never) => (await check.run(before)).findings
    await eventually('it is late', async () => (await troubles()).length > 0)
    expect(await troubles()).toMatchObject([{ name: 'watch-late', detail: { because: 'no-schedule' } }])
    expect(await troubles(new Set(['no-worker'] as const))).toEqual([])

    const schedules = createSchedules(world.temporal)
    const rows = plannedSchedules('atproto', []).filter(({ workflowType }) => workflowType === 'watch')
    await schedules.apply(rows)
    await world.temporal.schedule.getHandle('atproto-watch').pause('by the test')
    await eventually('the reason is the pause', async () => {
      const [found] = await troubles()
      return found?.detail?.['because'] === 'paused'
    })

    await world.startWorker()
    await world.temporal.workflow.execute('watch', {
      taskQueue: taskQueueOf('atproto'),
      workflowId: 'watch/atproto-by-hand',
      args: [{}],
    })
    await eventually('it is over', async () => {
      const { closable } = await check.run(never)
      return closable.includes('watch-late')
    })
  })
})
