import { randomUUID } from 'node:crypto'
import { execa } from 'execa'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { address, expectComplete, newPerson, reaches } from '../../support/people.ts'
import { pdsAdmin } from '../../support/pds.ts'
import { collections, openWorld, type World } from '../../support/world.ts'

const { temporalCli } = inject('servers')
let world: World
beforeAll(async () => {
  world = await openWorld()
  await world.startWorker()
})

/** Starts the workflow as an operator would who knows only the contracts. */
async function start(identity: string): Promise<void> {
  await execa(
    temporalCli,
    [
      ['workflow', 'start', '--type', 'signup', '--task-queue', 'holdfast-atproto'],
      ['--workflow-id', world.idOf(identity), '--input', JSON.stringify({ identity })],
      ['--address', world.env['TEMPORAL_ADDRESS'] ?? ''],
      ['--namespace', world.env['TEMPORAL_NAMESPACE'] ?? ''],
    ].flat(),
    { extendEnv: false, env: { HOME: '/nonexistent' } },
  )
}

describe('a signup started by the temporal command with nothing but the identity', () => {
  it('completes for a verified person, with the time Auth0 knows', async () => {
    const email = address()
    const [identity = ''] = world.auth0.seedUsers([
      { email, verified: true, createdAt: new Date('2023-06-07T08:09:10.000Z') },
    ])
    await start(identity)
    const status = await expectComplete(world, { identity, email })
    expect(status).toMatchObject({ system: 'atproto', tenant: 'aesthetic', identity })
    const user = await collections(world.db).users.findOne({ _id: identity })
    expect(user?.when).toEqual(new Date('2023-06-07T08:09:10.000Z'))
    expect(user?.code).toMatch(/^ac23/)
  })

  it('waits for a person who has not verified', async () => {
    const person = await newPerson(world, { verified: false })
    await start(person.identity)
    expect(await reaches(world, person, 'waiting-for-verification')).toMatchObject({ problem: null })
  })

  it('ends as deleted for a person Auth0 does not know, and makes no records', async () => {
    const identity = 'auth0|nobody'
    await start(identity)
    const status = await reaches(world, { identity, email: '' }, 'deleted')
    expect(status).toMatchObject({ problem: null, code: null, did: null })
    const { users, verifications } = collections(world.db)
    expect(await users.countDocuments({ _id: identity })).toBe(0)
    expect(await verifications.countDocuments({ _id: identity })).toBe(0)
  })

  it('ends as deleted when the person is deleted while the signup waits, with no account made', async () => {
    const person = await newPerson(world, { verified: false })
    await start(person.identity)
    await reaches(world, person, 'waiting-for-verification')
    world.auth0.deleteUser(person.identity)
    await world.signups.notify({ tenant: 'aesthetic', identity: person.identity, hint: 'emailVerified' })
    await reaches(world, person, 'deleted')
    expect(await pdsAdmin(world.env).accountsOf(person.email)).toEqual([])
  })
})

describe('wrong input given to the temporal command is told in words that it can read', () => {
  const workflow = async (...args: string[]): Promise<{ out: string; code: number | undefined }> => {
    const server = ['--address', world.env['TEMPORAL_ADDRESS'] ?? '']
    const namespace = ['--namespace', world.env['TEMPORAL_NAMESPACE'] ?? '']
    const { stdout, stderr, exitCode } = await execa(
      temporalCli,
      ['workflow', ...args, ...server, ...namespace],
      { extendEnv: false, env: { HOME: '/nonexistent' }, reject: false },
    )
    return { out: stdout + stderr, code: exitCode }
  }
  const run = (type: string, ...input: string[]) => {
    const id = `by-hand/${randomUUID()}`
    const queue = ['--task-queue', 'holdfast-atproto']
    return workflow('execute', '--type', type, ...queue, '--workflow-id', id, ...input)
  }

  it.each([
    ['backfill', { lst: 10 }, "unknown field 'lst'; the known fields are system, tenant, last"],
    ['audit', { since: 'yesterday' }, 'since must be a duration such as 10m'],
    ['audit', { tenant: 'nope' }, "Unknown tenant 'nope'"],
    ['signup', { identiy: 'auth0|x' }, 'the input needs an identity'],
    ['deleteUser', 'auth0|x', 'the input needs an identity'],
    ['syncHandle', undefined, 'the input needs an identity'],
    ['catchUp', {}, 'the input needs a tenant'],
  ])('%s %j: %s', async (type, input, words) => {
    const { out, code } = await run(type, ...(input === undefined ? [] : ['--input', JSON.stringify(input)]))
    expect(code).not.toBe(0)
    expect(out).toContain(words)
    expect(out).not.toContain('Encoded failure')
  })

  it('and a query that there is not', async () => {
    const person = await newPerson(world, { verified: false })
    await start(person.identity)
    await reaches(world, person, 'waiting-for-verification')
    const { out } = await workflow(
      'query',
      '--workflow-id',
      world.idOf(person.identity),
      '--type',
      'nonsense',
    )
    expect(out).toContain('did not register a handler for nonsense')
  })

  it('and metadata says what each signal and query is for', async () => {
    const person = await newPerson(world, { verified: false })
    await start(person.identity)
    await reaches(world, person, 'waiting-for-verification')
    const { out } = await workflow(
      'metadata',
      '--workflow-id',
      world.idOf(person.identity),
      '--output',
      'json',
    )
    expect(out).toContain('Retry the failed step now')
    expect(out).toContain('the problem with its sentence, its fix and the next retry')
  })
})
