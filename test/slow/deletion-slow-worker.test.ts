import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, inject, it, vi } from 'vitest'
import { throwIfCancelled } from '../../src/activities/lib/cancellation.ts'
import { connectMongo } from '../../src/adapters/mongo/lib/connect.ts'
import { createVerifications } from '../../src/adapters/mongo/verifications.ts'
import type { AuditResult } from '../../src/contracts/audit.ts'
import { startChild } from '../../dev/servers/lib/child.ts'
import { atEnd } from '../support/at-end.ts'
import { deleted, expectGone } from '../support/deletion.ts'
import { eventually } from '../support/eventually.ts'
import { startSignup, newPerson, type Person } from '../support/people.ts'
import { interceptCollections, isWrite } from '../support/faults/intercept-collections.ts'
import { openWorld, type World } from '../support/world.ts'
import { patience } from '../support/patience.ts'

const ENTRY = fileURLToPath(new URL('../support/faults/suspended-worker.ts', import.meta.url))
/** Below the time-out of one call, so that none of them fails by itself. */
const DELAY_MS = 7_000

const { bundlePath } = inject('servers')
const logDir = await mkdtemp(join(tmpdir(), 'holdfast-test-'))
afterAll(() => rm(logDir, { recursive: true }))

describe('M9, T7: a worker whose way to MongoDB is slow, while a deletion runs', () => {
  it('writes nothing of the person after the deletion', async () => {
    const world = await openWorld()
    const { client, db } = connectMongo({
      uri: world.env['MONGODB_URI'] ?? '',
      db: world.env['MONGODB_DB'] ?? '',
    })
    atEnd(() => client.close())
    let slow = false
    let inFlight = 0
    let letGo = (): void => {}
    const over = new Promise<void>((resolve) => (letGo = resolve))
    const late: string[] = []
    const slowDb = interceptCollections(db, async (name, call) => {
      if (slow) await sleep(DELAY_MS)
      if (slow && isWrite(name)) {
        await over // the slowest possible case: the deletion has made its last check
        late.push(name)
      }
      return call()
    })
    const verifications = createVerifications(client, slowDb, throwIfCancelled)
    await world.startWorker((deps) => ({
      ...deps,
      verifications: {
        ...deps.verifications,
        async count(...sighted) {
          slow = true
          inFlight += 1
          try {
            await verifications.count(...sighted)
          } finally {
            inFlight -= 1
          }
        },
      },
    }))
    const person = await newPerson(world)
    await startSignup(world, person)
    await eventually('the slow step is at work', () => inFlight > 0)
    world.auth0.deleteUser(person.identity)
    expect(await deleted(world, person)).toMatchObject({ outcome: 'deleted' })
    letGo()
    await eventually('the slow step has ended', () => inFlight === 0, 120_000)
    expect(late).toEqual([])
    await expectGone(world, person)
  })
})

describe('T7: a worker suspended right before a write, through the whole of a deletion', () => {
  /** Suspended between its last check and its write; the deletion is over when it continues. */
  async function woken(then: 'goes-on' | 'is-killed'): Promise<{ world: World; person: Person }> {
    const world = await openWorld()
    const person = await newPerson(world, { verified: false })
    const worker = startChild({
      name: 'suspended worker',
      command: process.execPath,
      args: [ENTRY, 'users.insertOne', then, bundlePath],
      logFile: join(logDir, `${then}.log`),
      env: { ...world.env, HOME: logDir },
    })
    atEnd(() => worker.stop())
    await startSignup(world, person)
    await eventually(
      'the worker is suspended',
      async () => (await worker.output()).includes('suspended'),
      60_000,
    )
    world.auth0.deleteUser(person.identity)
    await world.startWorker()
    expect(await deleted(world, person)).toMatchObject({ outcome: 'deleted' })
    await expectGone(world, person)
    process.kill(worker.pid, 'SIGCONT')
    return { world, person }
  }

  it('writes, finds the tombstone, and has the deletion sweep once more: nothing is left', async () => {
    const { world, person } = await woken('goes-on')
    await eventually('it writes', () => present(world, person), 60_000)
    await swept(world, person)
  })

  it('and killed before it could look: the next audit reports it and has it swept', async () => {
    const { world, person } = await woken('is-killed')
    await eventually('it writes', () => present(world, person), 60_000)
    const run = await world.temporal.workflow.start('audit', {
      workflowId: 'audit/atproto/test',
      taskQueue: 'holdfast-atproto',
      args: [{}],
    })
    const result = (await run.result()) as AuditResult
    expect(result.gaps).toMatchObject({ 'deleted-but-present': 1 })
    const reported = result.findings.filter(({ kind }) => kind === 'deleted-but-present')
    expect(JSON.stringify(reported)).not.toContain(person.identity)
    await swept(world, person)
  })
})

/** Step by step, some time after the deletion was requested. */
async function swept(world: World, person: Person): Promise<void> {
  await vi.waitFor(() => expectGone(world, person), { timeout: patience(180_000), interval: 1_000 })
}

async function present(world: World, { identity }: Person): Promise<boolean> {
  return (await world.db.collection<{ _id: string }>('users').countDocuments({ _id: identity })) > 0
}
