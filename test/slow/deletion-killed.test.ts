import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pMap from 'p-map'
import { afterAll, describe, expect, inject, it } from 'vitest'
import { startChild } from '../../dev/servers/lib/child.ts'
import { deleted, deletionsOf, expectGone, ref } from '../support/deletion.ts'
import { interceptCalls } from '../support/intercept-calls.ts'
import { startSignup, expectComplete, label, newPerson, type Person } from '../support/people.ts'
import { openWorld, type World } from '../support/world.ts'
import { patience } from '../support/patience.ts'

const ENTRY = fileURLToPath(new URL('../support/faults/dying-worker.ts', import.meta.url))
/** Every outside call of the deletion of a completed person, in the order of the first of each. */
const CALLS = [
  'cursors.servedSince',
  'switches.assertNotPaused',
  'tombstones.find',
  'safetyLimits.extendHold',
  'auth0.person',
  'users.load',
  'personalData.hasRecords',
  'safetyLimits.admit',
  'tombstones.set',
  'personWorkflows.terminate',
  'personMemory.loadWithUser',
  'intents.load',
  'pds.accountByDid',
  'personMemory.othersWith',
  'pds.deleteAccount',
  'personalData.erase',
  'personWorkflows.deleteClosed',
  'personalData.count',
  'personWorkflows.list',
  'personalData.countUnreadable',
  'tombstones.finish',
]

const { bundlePath } = inject('servers')
const logDir = await mkdtemp(join(tmpdir(), 'holdfast-test-'))
afterAll(() => rm(logDir, { recursive: true }))

/** A completed person who has been deleted at the provider. */
async function leaving(world: World): Promise<Person> {
  const worker = await world.startWorker()
  const person = await newPerson(world, { handle: label() })
  await startSignup(world, person)
  await expectComplete(world, person)
  await worker.stop()
  world.auth0.deleteUser(person.identity)
  return person
}

describe('T7: a worker killed at a step of a deletion', () => {
  it('the list of calls is whole', async () => {
    const world = await openWorld()
    const person = await leaving(world)
    const made: string[] = []
    await world.startWorker((deps) =>
      interceptCalls(deps, (name, call) => {
        if (!made.includes(name)) made.push(name)
        return call()
      }),
    )
    expect(await deleted(world, person)).toMatchObject({ outcome: 'deleted' })
    expect(made).toEqual(CALLS)
  })

  it(
    'before and after every call: another worker finishes it, and a late event brings nothing back',
    async () => {
      const moments = CALLS.flatMap((call) => [
        { call, when: 'before' },
        { call, when: 'after' },
      ])
      const struck = await pMap(
        moments,
        async ({ call, when }) => {
          const world = await openWorld()
          const person = await leaving(world)
          await deletionsOf(world).deletions.start(ref(person))
          const worker = startChild({
            name: 'dying worker',
            command: process.execPath,
            args: [ENTRY, call, when, bundlePath],
            logFile: join(logDir, `${call}-${when}.log`),
            env: { ...world.env, HOME: logDir },
          })
          expect(await worker.exited, `${call}, ${when}: ${await worker.output()}`).toBe('SIGKILL')
          return { world, person, moment: `${when} ${call}` }
        },
        { concurrency: 2 },
      )
      for (const { world } of struck) await world.startWorker()
      const broken: string[] = []
      // All in parallel, since a deletion mostly waits: for the killed activity's time-out, and for calls that may still
      // be in flight at the PDS.
      await pMap(struck, async ({ world, person, moment }) => {
        try {
          await deleted(world, person)
          await world.signups.notify({ ...ref(person), hint: 'emailVerified' })
          await expectGone(world, person)
        } catch (error) {
          broken.push(`${moment}: ${String(error)}`)
        }
      })
      expect(broken).toEqual([])
    },
    patience(1_200_000),
  )
})
