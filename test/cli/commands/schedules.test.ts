import { beforeAll, describe, expect, it } from 'vitest'
import { plannedSchedules } from '../../../src/client/planned-schedules.ts'
import { PRIORITY } from '../../../src/contracts/priorities.ts'
import { holdfast, jsonOf } from '../../support/command.ts'
import { eventually } from '../../support/eventually.ts'
import { newPerson, reaches } from '../../support/people.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld({ otherTenants: ['sotce'] })
})

const list = async (env = world.env) => {
  const { code, document } = await jsonOf(env, 'schedules', 'atproto', 'list')
  return { code, schedules: document['schedules'] as Record<string, unknown>[] }
}
const sources = ['aesthetic', 'sotce'].map((tenant) => ({ tenant, note: 'its log' }))
const planned = plannedSchedules('atproto', sources).map(({ id }) => id)
const ids = ['atproto-aesthetic-catch-up', 'atproto-sotce-catch-up']

describe('holdfast schedules', () => {
  it('says what is not there, and creates it for each tenant', async () => {
    const before = await list()
    expect(before.code).toBe(1)
    expect(before.schedules.map(({ id, exists }) => [id, exists])).toEqual(planned.map((id) => [id, false]))
    expect(planned).toEqual(expect.arrayContaining(ids))
    const { stdout } = await holdfast(world.env, 'schedules', 'atproto', 'apply')
    expect(stdout.trim().split('\n')).toEqual(planned.map((id) => `${id} created`))
    const after = await list()
    expect(after.code).toBe(0)
    expect(after.schedules).toMatchObject(planned.map((id) => ({ id, exists: true, missed: 0, skipped: 0 })))
  })

  it('T10: each has a run time-out, and watch goes before everything else on its queue', async () => {
    const started = await Promise.all(
      planned.map(async (id) => (await world.temporal.schedule.getHandle(id).describe()).action),
    )
    for (const action of started) expect(action.workflowRunTimeout, action.workflowType).toBeGreaterThan(0)
    const watch = started.find(({ workflowType }) => workflowType === 'watch')
    expect(watch?.workflowRunTimeout).toBeLessThan(5 * 60_000)
    expect(watch?.priority?.priorityKey).toBe(1)
    expect(PRIORITY.watch).toBeLessThan(PRIORITY.live)
  })

  it('brings a changed one back to the plan, and leaves a paused one paused', async () => {
    const handle = world.temporal.schedule.getHandle(ids[0] ?? '')
    await handle.pause('while we look')
    await handle.update((before) => ({ ...before, spec: { intervals: [{ every: '9h' }] } }))
    const { stdout } = await holdfast(world.env, 'schedules', 'atproto', 'apply')
    expect(stdout.trim().split('\n')).toEqual(planned.map((id) => `${id} updated`))
    const { spec, state } = await handle.describe()
    expect(spec.intervals).toMatchObject([{ every: 60_000 }])
    expect(state).toMatchObject({ paused: true, note: 'while we look' })
    await handle.unpause()
  })

  it('a run of it catches up, each tenant by its own credentials and prefix', async () => {
    await world.startWorker()
    const sotce = world.tenants.get('sotce')
    const userId = sotce?.signUp({ email: 'of-sotce@example.com' }) ?? ''
    const here = await newPerson(world, { verified: false })
    for (const id of ids) await world.temporal.schedule.getHandle(id).trigger()
    await reaches(world, here, 'waiting-for-verification')
    await reaches(world, { identity: `sotce-${userId}`, email: '' }, 'waiting-for-verification')
    await eventually('the list shows the run', async () =>
      (await list()).schedules
        .filter(({ id }) => ids.includes(String(id)))
        .every(({ last }) => typeof last === 'string'),
    )
  })
})

describe('holdfast catch-up', () => {
  it('is told of a tenant that does not exist', async () => {
    const { code, stderr } = await holdfast(world.env, 'catch-up', 'atproto', '--tenant', 'nobody')
    expect(code).toBe(2)
    expect(stderr).toContain('aesthetic, sotce')
  })

  it('says what it did for each tenant', async () => {
    const { code, stdout } = await holdfast(world.env, 'catch-up', 'atproto')
    expect(code).toBe(0)
    expect(stdout).toMatch(/aesthetic .*none/)
    expect(stdout).toMatch(/sotce .*none/)
  })

  it('says what holds it up, and what to do', async () => {
    world.auth0.faults.set({ apiError: { status: 500, path: '/api/v2/logs' } })
    const { code, stdout } = await holdfast(world.env, 'catch-up', 'atproto', '--tenant', 'aesthetic')
    expect(code).toBe(1)
    expect(stdout).toContain('auth0-unreachable')
    world.auth0.faults.clear()
    await world.temporal.workflow.getHandle('catch-up/atproto/aesthetic').signal('retry')
    expect(await holdfast(world.env, 'catch-up', 'atproto')).toMatchObject({ code: 0 })
  })
})

describe('a tenant that is taken out of the configuration', () => {
  const start = (id: string, workflowType: string, workflowId: string): Promise<unknown> =>
    world.temporal.schedule.create({
      scheduleId: id,
      spec: { intervals: [{ every: '9h' }] },
      action: { type: 'startWorkflow', workflowType, workflowId, taskQueue: 'holdfast-atproto' },
    })
  const schedules = async (): Promise<string[]> => {
    const found: string[] = []
    for await (const { scheduleId } of world.temporal.schedule.list()) found.push(scheduleId)
    return found
  }

  it('has its schedule marked, then removed with what it started; nobody else loses theirs', async () => {
    const without = Object.fromEntries(
      Object.entries(world.env).filter(([name]) => !name.startsWith('AUTH0_SOTCE_')),
    )
    // Schedules of others: one for the same tenant under another name, and one with a name like ours that starts
    // something else.
    await start('catch-up-of-ours', 'catchUp', 'catch-up/atproto/sotce')
    await start('atproto-theirs-catch-up', 'report', 'catch-up/atproto/theirs')
    await eventually('all of them are listed', async () => (await schedules()).length === planned.length + 2)

    const [theirs = '', elsewhere = '', others = ''] = [
      'sotce-2026-01-02T03:04:00Z',
      'sotce-2026-01-02T03:05:00Z',
      'sotce-b-2026-01-02T03:04:00Z',
    ].map((rest) => `catch-up/atproto/${rest}`)
    for (const workflowId of [theirs, elsewhere, others])
      await world.temporal.workflow.start('catchUp', {
        workflowId,
        taskQueue: workflowId === elsewhere ? 'holdfast-atprotoo' : 'holdfast-atproto',
        startDelay: '1 hour', // so that no worker ends it
      })
    await eventually('visibility has all three runs', async () => {
      const query = `WorkflowId IN ('${theirs}', '${elsewhere}', '${others}')`
      return (await world.temporal.workflow.count(query)).count === 3
    })

    const before = await list(without)
    expect(before.code).toBe(1)
    expect(before.schedules.filter(({ configured }) => configured !== true)).toMatchObject([
      { id: 'atproto-sotce-catch-up', exists: true },
    ])
    const { code, stdout } = await holdfast(without, 'schedules', 'atproto', 'apply')
    expect(code).toBe(0)
    expect(stdout).toContain('atproto-sotce-catch-up removed\n')
    expect(stdout.match(/removed/g)).toHaveLength(1)
    const described = [theirs, elsewhere, others].map((id) =>
      world.temporal.workflow.getHandle(id).describe(),
    )
    const statuses = (await Promise.all(described)).map(({ status }) => status.name)
    expect(statuses).toEqual(['TERMINATED', 'TERMINATED', 'RUNNING'])
    await eventually('it alone is gone', async () => !(await schedules()).includes('atproto-sotce-catch-up'))
    expect(await schedules()).toEqual(
      expect.arrayContaining([
        'catch-up-of-ours',
        'atproto-theirs-catch-up',
        ...planned.filter((id) => id !== ids[1]),
      ]),
    )
    const after = await list(without)
    expect(after.code).toBe(0)
    expect(after.schedules.map(({ id }) => id)).toEqual(planned.filter((id) => id !== ids[1]))
  })
})
