import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { WorkflowHandle } from '@temporalio/client'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { BackfillInput, BackfillProgress, BackfillResult } from '../../src/contracts/backfill.ts'
import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.ts'
import { startChild } from '../../dev/servers/lib/child.ts'
import { startTemporal } from '../../dev/servers/temporal/temporal.ts'
import { silentProgress as progress } from '../../dev/servers/lib/progress.ts'
import { atEnd } from '../support/at-end.ts'
import { eventually } from '../support/eventually.ts'
import { openPopulation, withRecordedAccounts, type Population } from '../support/population.ts'
import { holdfast } from '../support/command.ts'
import { pdsAdmin } from '../support/pds.ts'
import { collections, openWorld, type World } from '../support/world.ts'

/** So many that they do not all fit into one window. */
const PEOPLE = 70

const DYING = fileURLToPath(new URL('../support/faults/dying-worker.ts', import.meta.url))
const { bundlePath } = inject('servers')
const logDir = await mkdtemp(join(tmpdir(), 'holdfast-test-'))
afterAll(() => rm(logDir, { recursive: true }))

let world: World
let population: Population
/** While set, no account is created: signups stay in flight, without holding a workflow task. */
let held: Promise<void> | null = null
/** While set, no record is created. */
let recordsHeld: Promise<void> | null = null
let starts: string[] = []

beforeAll(async () => {
  // A limit of few events per history, so that a backfill of ninety continues as new.
  const temporal = await startTemporal({
    progress,
    searchAttributes: SEARCH_ATTRIBUTES,
    dynamicConfig: { 'limit.historyCount.suggestContinueAsNew': 60 },
  })
  atEnd(() => temporal.stop())
  world = await openWorld({ temporalAddress: temporal.address, namespace: temporal.namespace })
  population = openPopulation(world)
  await world.startWorker((deps) => ({
    ...withRecordedAccounts(deps, []),
    pds: {
      ...deps.pds,
      async assertAccountsAllowed() {
        if (held !== null) await held
        return deps.pds.assertAccountsAllowed()
      },
    },
    signups: {
      ...deps.signups,
      notify(news) {
        starts.push(news.identity)
        return deps.signups.notify(news)
      },
    },
    users: {
      ...deps.users,
      async ensure(...args) {
        if (recordsHeld !== null) await recordsHeld
        return deps.users.ensure(...args)
      },
    },
  }))
})

async function begin(input: BackfillInput, { temporal } = world): Promise<WorkflowHandle> {
  return temporal.workflow.start('backfill', {
    workflowId: `backfill/atproto/${randomUUID()}`,
    taskQueue: 'holdfast-atproto',
    args: [input],
  })
}
const now = (run: WorkflowHandle) => run.query<BackfillProgress>('progress')
const withoutAccount = () =>
  population.add({ tenant: 'aesthetic', count: PEOPLE, without: ['user', 'account'] })

async function expectNoCopies({ db }: World): Promise<void> {
  for (const copy of ['identities', 'accounts', 'marks'])
    expect(await db.collection(`holdfast_audit_${copy}`).countDocuments(), copy).toBe(0)
}

describe('T3: a backfill', () => {
  it('paused sets nobody else going, resumed goes on, and repairs everybody once, over several runs', async () => {
    await withoutAccount()
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
    await sleep(1_000) // it would continue here
    expect(await now(run)).toMatchObject({ phase: 'repairing', paused: true, total: PEOPLE, done: window })
    expect(starts).toHaveLength(window)

    await holdfast(world.env, 'backfill', 'atproto', 'resume', run.workflowId.split('/').at(-1) ?? '')
    const result = (await run.result()) as BackfillResult
    expect(result).toMatchObject({ processed: PEOPLE, successful: PEOPLE, failed: 0, verified: PEOPLE })
    expect(result.message).toContain('nothing is missing')
    await expectNoCopies(world)
    expect(starts.toSorted()).toEqual([...new Set(starts)].toSorted())
    expect(starts).toHaveLength(PEOPLE)
    const { firstExecutionRunId } = run as unknown as { firstExecutionRunId: string }
    expect((await run.describe()).runId).not.toBe(firstExecutionRunId)
  })

  it('goes on with others while some take long', async () => {
    const people = await population.add({ tenant: 'aesthetic', count: 6, without: ['user', 'account'] })
    starts = []
    let release = (): void => {}
    held = new Promise((resolve) => (release = resolve))
    const run = await begin({ fix: true })
    await eventually('as many under way as may be', () => starts.length > 0)
    await sleep(5_000) // more would be started here
    expect(starts).toHaveLength(3)
    // Everybody in flight stays slow meanwhile, so each person who is started takes the place of a slow one.
    await eventually('everybody under way', () => starts.length >= people.length, 150_000)
    held = null
    release()
    const all = people.length
    expect(await run.result()).toMatchObject({ processed: all, successful: all, failed: 0, verified: all })
  })

  it('cancelled sets nobody else going, and who is under way goes on', async () => {
    const people = await withoutAccount()
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
    const identities = people.map(({ identity }) => identity)
    const made = () => users.countDocuments({ _id: { $in: identities }, 'atproto.did': { $exists: true } })
    await eventually('those under way are repaired', async () => (await made()) === started)
    expect(await holdfast(world.env, 'backfill', 'cancel', run.workflowId)).toMatchObject({ code: 1 })
    await expectNoCopies(world)
  })

  it('counts who stays silent by what the stores say', async () => {
    const [first] = await population.add({
      tenant: 'aesthetic',
      count: 1,
      verified: false,
      without: ['user'],
    })
    if (first === undefined) throw new Error('nobody')
    starts = []
    let release = (): void => {}
    recordsHeld = new Promise((resolve) => (release = resolve))
    const run = await begin({ id: first.identity, fix: true })
    await eventually('under way', () => starts.length > 0)
    // The test terminates the signup and creates the record itself, so nothing will ever be reported.
    await world.temporal.workflow.getHandle(world.idOf(first.identity)).terminate()
    recordsHeld = null
    release()
    await collections(world.db).users.updateOne(
      { _id: first.identity },
      { $setOnInsert: { code: 'ac26fabab', when: new Date() } },
      { upsert: true },
    )
    expect(await run.result()).toMatchObject({ processed: 1, successful: 1, verified: 1 })
  })
})

describe('T3: a worker killed half-way through a backfill', () => {
  it('costs nobody anything: another goes on, and everybody is repaired once', async () => {
    const other = await openWorld()
    const people = await openPopulation(other).add({
      tenant: 'aesthetic',
      count: 50,
      without: ['user', 'account'],
    })
    const worker = startChild({
      name: 'dying worker',
      command: process.execPath,
      args: [DYING, 'pds.createAccount', 'after', bundlePath, '20'],
      logFile: join(logDir, 'worker.log'),
      env: { ...other.env, HOME: logDir },
    })
    const run = await begin({ fix: true }, other)
    const ended = await Promise.race([worker.exited, run.result().then(() => 'the backfill has ended')])
    expect(ended, await worker.output()).toBe('SIGKILL')
    const { users } = collections(other.db)
    const madeBefore = await users.countDocuments({ 'atproto.did': { $exists: true } })
    expect(madeBefore).toBeGreaterThan(0)
    expect(madeBefore).toBeLessThan(people.length)

    await other.startWorker()
    const result = (await run.result()) as BackfillResult
    expect(result).toMatchObject({ processed: 50, successful: 50, failed: 0, verified: 50, failures: [] })
    const accounts = (await pdsAdmin(other.env).accounts()).map(({ did, email }) => ({ did, email }))
    for (const { identity, email } of people) {
      const user = await users.findOne({ _id: identity })
      const theirs = accounts.filter((account) => account.email === email)
      expect(theirs, email).toEqual([{ did: user?.atproto?.did, email }])
    }
    await expectNoCopies(other)
  })
})
