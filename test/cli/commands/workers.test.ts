import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { CheckReport } from '../../../src/contracts/checks.ts'
import type { WorkerRow } from '../../../src/contracts/workers.ts'
import { startWorker } from '../../../dev/servers/holdfast-process.ts'
import { silentProgress as progress } from '../../../dev/servers/lib/progress.ts'
import type { EmbeddedServer } from '../../../dev/servers/lib/server.ts'
import { atEnd } from '../../support/at-end.ts'
import { holdfast, jsonOf, pageOf } from '../../support/command.ts'
import { eventually } from '../../support/eventually.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let worker: EmbeddedServer
beforeAll(async () => {
  world = await openWorld()
  const logDir = await mkdtemp(join(tmpdir(), 'holdfast-test-workers-'))
  atEnd(() => rm(logDir, { recursive: true }))
  worker = await startWorker({ env: world.env, logDir, progress })
  atEnd(() => worker.stop())
  await eventually('the worker reports itself', () => world.db.collection('holdfast_workers').findOne({}))
})

const workers = async (env: Readonly<Record<string, string>> = world.env): Promise<WorkerRow[]> =>
  (await jsonOf(env, 'workers', 'atproto')).document['workers'] as WorkerRow[]

describe('T1: holdfast workers', () => {
  it('lists who polls which queues, since when, with which build, and which settings differ', async () => {
    const [shown, ...others] = await workers()
    expect(others).toEqual([])
    expect(shown).toMatchObject({
      pid: worker.pid,
      state: 'polling',
      queues: expect.arrayContaining(['holdfast-atproto', 'holdfast-pds']) as string[],
      build: expect.stringMatching(/^\d/) as string,
      differs: [],
    })
    const env = { ...world.env, PDS_ADMIN_PASSWORD: 'another one' }
    expect((await workers(env))[0]?.differs).toEqual(['PDS_ADMIN_PASSWORD'])
    const check = (await jsonOf(env, 'check', 'atproto')).document as unknown as CheckReport
    expect(check.notices.map(({ sentence }) => sentence).join()).toContain(
      `${worker.pid}@${shown?.host} runs with a different PDS_ADMIN_PASSWORD`,
    )
    expect(JSON.stringify(await world.db.collection('holdfast_workers').findOne({}))).not.toContain(
      world.env['PDS_ADMIN_PASSWORD'],
    )
  })

  it('knows one that hangs, as check does, and one that ended as told', async () => {
    process.kill(worker.pid, 'SIGSTOP')
    try {
      await eventually('it is silent', async () => (await workers())[0]?.state === 'silent')
      const { stdout, code } = await holdfast(world.env, 'workers', 'atproto')
      expect(stdout).toContain(`${worker.pid}@`)
      expect(stdout).toContain('No worker polls')
      expect(code).toBe(1)
      const { document: list } = await pageOf(world.env, 'list', 'atproto', '--stuck')
      expect(list.notices.join()).toContain('No worker')
      const check = (await jsonOf(world.env, 'check', 'atproto')).document as unknown as CheckReport
      expect(check.findings.map(({ name }) => name)).toEqual(
        expect.arrayContaining(['no-worker', 'worker-silent']),
      )
    } finally {
      process.kill(worker.pid, 'SIGCONT')
    }
    await eventually('it goes on', async () => (await workers())[0]?.state === 'polling')
    await worker.stop()
    expect((await workers())[0]?.state).toBe('stopped')
  })
})
