import { beforeAll, describe, expect, it } from 'vitest'
import { pause } from '../../src/contracts/messages.ts'
import { eventually } from '../support/eventually.ts'
import { openLibraryWorld, type LibraryWorld } from '../support/library/world.ts'
import { expectComplete, newPerson, reaches, startSignup } from '../support/people.ts'

let library: LibraryWorld
beforeAll(async () => {
  library = await openLibraryWorld({ withAtproto: true })
  await Promise.all([library.startWorker(), library.startServer()])
})

type Rows = readonly Readonly<Record<string, unknown>>[]

async function rowsOf(property: string, ...args: string[]): Promise<Rows> {
  const { document } = await library.json(...args)
  return document[property] as Rows
}

const identities = (rows: Rows) => rows.map(({ identity }) => identity)

const deliver = (line: object) =>
  fetch(`${library.env['HOLDFAST_URL']}/webhooks/library`, { method: 'POST', body: JSON.stringify(line) })

async function problemOf(system: string, id: string): Promise<string | null> {
  const { document } = await library.json('status', system, id)
  return (document['problem'] as { name: string } | null)?.name ?? null
}

describe('T11: two systems in one worker, one namespace and one database', () => {
  it('are each listed, searched and explained by themselves', async () => {
    const person = await newPerson(library.world)
    const member = await library.join()
    await startSignup(library.world, person)
    await library.run('signup', 'library', member)
    await reaches(library.world, person, 'completed')
    await expectComplete(library.world, person)
    await eventually('the card', () => library.cardOf(member))

    const listed = await eventually('both are visible', async () => {
      const own = identities(await rowsOf('signups', 'list', 'library'))
      const others = identities(await rowsOf('signups', 'list', 'atproto'))
      return own.includes(member) && others.includes(person.identity) ? { own, others } : null
    })
    expect(listed.own).not.toContain(person.identity)
    expect(listed.others).not.toContain(member)
    expect((await library.run('status', 'library', person.identity)).code).toBe(2)
    expect((await library.run('why', 'library', person.identity)).code).not.toBe(0)
    expect((await library.run('status', 'atproto', member)).code).toBe(1)
  })

  it('are paused, resumed and retried by themselves', async () => {
    await library.run('pause', 'library', '--reason', 'a move')
    const member = await library.join()
    await library.run('signup', 'library', member)
    await eventually('the member is blocked', async () => (await problemOf('library', member)) === 'paused')
    const person = await newPerson(library.world)
    await startSignup(library.world, person)
    await reaches(library.world, person, 'completed')

    expect(identities(await rowsOf('signups', 'list', 'atproto', '--stuck'))).toEqual([])
    await eventually('the block is visible', async () =>
      identities(await rowsOf('signups', 'list', 'library', '--stuck')).includes(member),
    )
    await library.run('retry', 'atproto', '--problem', 'paused')
    expect(await problemOf('library', member)).toBe('paused')

    await library.run('pause', 'atproto', '--reason', 'another')
    await library.run('resume', 'library')
    await eventually('the card', () => library.cardOf(member))
    const notices = JSON.stringify((await library.json('alerts', 'library')).document['notices'])
    expect(notices).not.toContain('another')
    expect(JSON.stringify((await library.json('alerts', 'atproto')).document['notices'])).toContain('another')
    await library.run('resume', 'atproto')
  })

  it('keep their own list of ignored people, whoever has the same identity', async () => {
    const member = await library.join({ confirmed: false })
    const until = new Date(Date.now() + 86_400_000).toISOString()
    await library.run('ignore', 'library', member, '--until', until, '--reason', 'a test')
    expect((await library.run('ignore', 'atproto', member, '--drop')).code).toBe(1)
    expect(identities(await rowsOf('ignored', 'ignore', 'atproto', '--list'))).toEqual([])
    expect(identities(await rowsOf('ignored', 'ignore', 'library', '--list'))).toEqual([member])
    await library.run('ignore', 'library', member, '--drop')
  })

  it('keep their own quarantine', async () => {
    await deliver({ id: 'odd', event: 'joined', member: 'nobody' })
    const own = await library.json('quarantine', 'library', 'list')
    const [{ id } = { id: '' }] = own.document['entries'] as { id: string }[]
    expect((await library.json('quarantine', 'atproto', 'list')).document['entries']).toEqual([])
    await library.run('quarantine', 'atproto', 'drop', id, '--yes')
    expect((await library.json('quarantine', 'library', 'list')).document['entries']).toHaveLength(1)
    await library.run('quarantine', 'library', 'drop', id, '--yes')
  })

  it('are audited by themselves, and a backfill is paused by its name alone', async () => {
    const member = await library.join({ daysAgo: 1 })
    const { document } = await library.json('audit', 'library')
    expect(document).toMatchObject({ system: 'library', gaps: { 'card-missing': 1 } })
    const other = await library.json('audit', 'atproto')
    expect(other.document).toMatchObject({ system: 'atproto' })
    expect(JSON.stringify(other.document['findings'])).not.toContain(member)

    const { temporal } = library.world
    // begun paused, so that it is there until it is resumed
    const run = await temporal.workflow.signalWithStart('backfill', {
      taskQueue: 'holdfast-library',
      workflowId: 'backfill/library/by-hand',
      args: [{ fix: true, maxChanges: 10 }],
      signal: pause,
    })
    expect(await library.run('backfill', 'pause', 'by-hand')).toMatchObject({ code: 0 })
    expect(await library.cardOf(member)).toBeNull()
    expect(await library.run('backfill', 'resume', 'by-hand')).toMatchObject({ code: 0 })
    expect(await run.result()).toMatchObject({ successful: 1, verified: 1 })
    expect(await library.cardOf(member)).not.toBeNull()
  })

  it('have their own schedules, workers and checks', async () => {
    await library.run('schedules', 'library', 'apply')
    await library.run('schedules', 'atproto', 'apply')
    const ids = async (system: string) =>
      (await rowsOf('schedules', 'schedules', system, 'list')).map(({ id }) => String(id))
    for (const id of await ids('library')) expect(id).toMatch(/^library-/)
    for (const id of await ids('atproto')) expect(id).toMatch(/^atproto-/)
    const queues = async (system: string) =>
      (await rowsOf('workers', 'workers', system)).flatMap(({ queues: of, queue }) => of ?? queue)
    expect(new Set(await queues('library'))).toEqual(new Set(['holdfast-library']))
    expect(new Set(await queues('atproto'))).toEqual(new Set(['holdfast-atproto', 'holdfast-pds']))
    expect((await library.json('check', 'library')).document['findings']).toEqual([])
  })

  it('are watched by themselves: a problem of one is no alert of the other', async () => {
    await library.setFrontDesk('away')
    const member = `m-${'a'.repeat(8)}`
    await library.run('signup', 'library', member)
    await eventually(
      'it is blocked',
      async () => (await problemOf('library', member)) === 'library-unreachable',
    )
    const watch = (system: string) =>
      library.world.temporal.workflow.execute('watch', {
        taskQueue: `holdfast-${system}`,
        workflowId: `watch/${system}/test`,
        args: [{ blockedMinutes: 0 }],
      })
    await watch('atproto')
    await watch('library')
    const open = async (system: string) =>
      (await rowsOf('alerts', 'alerts', system)).filter((alert) => alert['open']).map(({ name }) => name)
    expect(await open('library')).toContain('library-unreachable')
    expect(await open('atproto')).not.toContain('library-unreachable')
    await library.setFrontDesk('there')
    await library.run('retry', 'library', member)
  })

  it('delete a person of one, and nothing of a person of the other with the same identity', async () => {
    const member = await library.join()
    await library.run('signup', 'library', member)
    await eventually('the card', () => library.cardOf(member))
    await library.run('delete', 'atproto', member, '--yes')
    expect(await library.cardOf(member)).not.toBeNull()
    expect((await library.json('status', 'library', member)).document).toMatchObject({ stage: 'completed' })
    await library.db.query('delete from members where id = $1', [member])
    const deleted = await library.json('delete', 'library', member, '--yes')
    expect(deleted.document).toMatchObject({ outcome: 'deleted' })
    expect(await library.cardOf(member)).toBeNull()
  })
})
