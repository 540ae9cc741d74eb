import { beforeAll, describe, expect, it } from 'vitest'
import type { BlockedRun } from '../../../src/client/blocked-runs.ts'
import { OutsideError } from '../../../src/domain/outside-error.ts'
import { holdfast, jsonOf } from '../../support/command.ts'
import { deletionsOf, ref } from '../../support/deletion.ts'
import { eventually } from '../../support/eventually.ts'
import { startSignup, newPerson, reaches, type Person } from '../../support/people.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let person: Person
let worker: { stop(): Promise<void> }
beforeAll(async () => {
  world = await openWorld()
  worker = await world.startWorker((deps) => ({
    ...deps,
    personalData: {
      ...deps.personalData,
      erase: () => Promise.reject(new OutsideError('mongo-denied', 'a deletion that stands still')),
    },
  }))
  person = await newPerson(world, { verified: false })
  await startSignup(world, person)
  await reaches(world, person, 'waiting-for-verification')
  world.auth0.deleteUser(person.identity)
  await deletionsOf(world).deletions.start(ref(person))
})

const listed = async (...args: string[]): Promise<{ signups: unknown; runs: BlockedRun[] }> => {
  const { code, document, stderr } = await jsonOf(world.env, 'list', 'atproto', ...args)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return document as unknown as { signups: unknown; runs: BlockedRun[] }
}

describe('holdfast list --stuck', () => {
  const deletion = () => ({
    type: 'deleteUser',
    system: 'atproto',
    tenant: 'aesthetic',
    identity: person.identity,
    workflowId: expect.stringMatching(/^delete\/atproto\/aesthetic\/[0-9a-f]{64}$/) as string,
  })

  it('shows a deletion that stands still, beside the signups and with what would move it', async () => {
    await eventually(
      'it is listed',
      async () => (await listed('--stuck')).runs.length === 1,
      90_000, // it waits for calls that may have been in flight
    )
    const { signups, runs } = await listed('--stuck')
    expect(signups).toEqual([])
    expect(runs).toMatchObject([
      {
        ...deletion(),
        problem: {
          name: 'mongo-denied',
          fix: expect.stringContaining('Grant it') as string,
          attempts: expect.any(Number) as number,
          nextTryAt: expect.stringMatching(/Z$/) as string,
        },
      },
    ])
    const { stdout } = await holdfast(world.env, 'list', 'atproto', '--stuck')
    expect(stdout).toMatch(/OTHER WORKFLOW +PERSON +STARTED +PROBLEM/)
    expect(stdout).toMatch(/deleteUser +auth0\|\w+ +.+ago +mongo-denied, .+ago/)
  })

  it('by its problem too, and not where another, or a stage, is asked for', async () => {
    expect((await listed('--problem', 'mongo-denied')).runs).toMatchObject([deletion()])
    expect((await listed('--problem', 'pds-failing')).runs).toEqual([])
    expect((await listed('--stuck', '--stage', 'recording')).runs).toEqual([])
    expect((await listed()).runs).toEqual([])
  })

  it('while no worker is there to say more', async () => {
    await worker.stop()
    const { runs } = await listed('--stuck')
    expect(runs).toMatchObject([{ ...deletion(), problem: { name: 'mongo-denied' } }])
  })
})
