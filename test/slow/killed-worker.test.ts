import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pMap from 'p-map'
import { afterAll, describe, expect, inject, it } from 'vitest'
import { startChild } from '../../dev/servers/lib/child.ts'
import { startWorker } from '../../dev/servers/holdfast-process.ts'
import { silentProgress as progress } from '../../dev/servers/lib/progress.ts'
import { interceptCalls } from '../support/intercept-calls.ts'
import {
  startSignup,
  expectComplete,
  label,
  meets,
  newPerson,
  reaches,
  type Person,
} from '../support/people.ts'
import { pdsAdmin } from '../support/pds.ts'
import { openWorld, type World } from '../support/world.ts'

const ENTRY = fileURLToPath(new URL('../support/faults/dying-worker.ts', import.meta.url))
/** Temporal gives a killed worker's activity to another after its time-out: a minute for those on the PDS. */
const RECOVERY_MS = 240_000

/** Every outside call of a signup; another test verifies that none is missing. */
const CALLS = [
  'cursors.servedSince',
  'tombstones.find',
  'verifications.record',
  'codeIndex.ensureUnique',
  'personMemory.ensureIndexes',
  'users.ensure',
  'signupCounts.began',
  'signupCounts.ended',
  'stepHistory.record',
  'auth0.person',
  'verifications.count',
  'intents.prepare',
  'personMemory.loadWithUser',
  'intents.load',
  'pds.assertAccountsAllowed',
  'handles.chosenBy',
  'pds.inviteCode',
  'intents.recordAttempt',
  'pds.createAccount',
  'users.recordAccount',
  'personMemory.rememberAccount',
  'intents.discard',
]

const { bundlePath } = inject('servers')
const logDir = await mkdtemp(join(tmpdir(), 'holdfast-test-'))
afterAll(() => rm(logDir, { recursive: true }))

/** A person whose signup was in progress at a worker that died at the given moment. */
async function struck(call: string, when: 'before' | 'after'): Promise<{ world: World; person: Person }> {
  const world = await openWorld()
  const person = await newPerson(world, { handle: label() })
  await startSignup(world, person)
  const worker = startChild({
    name: `dying worker`,
    command: process.execPath,
    args: [ENTRY, call, when, bundlePath],
    logFile: join(logDir, `${call}-${when}.log`),
    env: { ...world.env, HOME: logDir },
  })
  expect(await worker.exited, `${call}, ${when}: ${await worker.output()}`).toBe('SIGKILL')
  return { world, person }
}

describe('T1, P3: a worker killed at a step', () => {
  it('the list of calls is whole', async () => {
    const world = await openWorld()
    const made: string[] = []
    await world.startWorker((deps) =>
      interceptCalls(deps, (name, call) => {
        if (!made.includes(name)) made.push(name)
        return call()
      }),
    )
    const person = await newPerson(world, { handle: label() })
    await startSignup(world, person)
    await expectComplete(world, person)
    expect(made.toSorted()).toEqual(CALLS.toSorted())
  })

  it('before and after every call to the outside world: another worker completes it, everything once', async () => {
    const moments = CALLS.flatMap((call) => [
      { call, when: 'before' as const },
      { call, when: 'after' as const },
    ])
    const signups = await pMap(
      moments,
      async ({ call, when }) => ({ ...(await struck(call, when)), moment: `${when} ${call}` }),
      { concurrency: 2 },
    )
    for (const { world } of signups) await world.startWorker()
    const broken: string[] = []
    for (const { world, person, moment } of signups) {
      try {
        await expectComplete(world, person, { timeoutMs: RECOVERY_MS })
        expect(await pdsAdmin(world.env).accountsOf(person.email)).toHaveLength(1)
      } catch (error) {
        broken.push(`${moment}: ${String(error)}`)
      }
    }
    expect(broken).toEqual([])
  })
})

describe('T1: every worker gone', () => {
  it('is what status says, for as long as it lasts, and what waited completes when one is back', async () => {
    const world = await openWorld()
    const worker = await startWorker({ env: world.env, logDir, progress })
    try {
      const waiting = await newPerson(world, { verified: false })
      await world.signups.notify({
        tenant: 'aesthetic',
        identity: waiting.identity,
        signedUpAt: new Date().toISOString(),
      })
      await reaches(world, waiting, 'waiting-for-verification')
      await worker.kill()
      const person = await newPerson(world)
      await startSignup(world, person)
      // A poller counts as gone when it has not polled for a while.
      const status = await meets(world, person, 'no-worker', 150_000)
      expect(status).toMatchObject({ stage: 'recording' })
      expect(status.problem?.fix).toContain('npm run worker')
      const other = await world.reader.status(world.idOf(waiting.identity))
      expect(other).toMatchObject({ problem: null })

      await worker.restart()
      await expectComplete(world, person, { timeoutMs: RECOVERY_MS })
    } finally {
      await worker.stop()
    }
  })
})
