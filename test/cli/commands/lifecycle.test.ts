import { WorkflowNotFoundError } from '@temporalio/client'
import { beforeAll, describe, expect, it } from 'vitest'
import { createActionLog } from '../../../src/state/mongo/actions.ts'
import { holdfast, jsonOf } from '../../support/command.ts'
import { expectGone } from '../../support/deletion.ts'
import { chooseHandle, fullHandle, hasHandle } from '../../support/handles.ts'
import {
  startSignup,
  expectComplete,
  label,
  newPerson,
  reaches,
  storedPassword,
} from '../../support/people.ts'
import { openWorld, type World } from '../../support/world.ts'

const WHY = ['--reason', 'ticket 512'] as const

let world: World
beforeAll(async () => {
  world = await openWorld()
  await world.startWorker()
})

describe('holdfast sync-handle', () => {
  it('makes the handle follow and says what became of it', async () => {
    const person = await newPerson(world)
    await startSignup(world, person)
    await expectComplete(world, person)
    const chosen = label()
    await chooseHandle(world, person, chosen)
    const { code, stdout } = await holdfast(world.env, 'sync-handle', 'atproto', person.identity)
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `The account's handle is now ${fullHandle(world, chosen)}.\n`,
    })
    await hasHandle(world, person, chosen)
    const { document } = await jsonOf(world.env, 'sync-handle', 'atproto', person.identity)
    expect(document).toMatchObject({ synced: { outcome: 'same' }, problem: null })
  })
})

describe('holdfast export', () => {
  it('prints what every store holds, secrets only where they are asked for', async () => {
    const person = await newPerson(world, { handle: label() })
    await startSignup(world, person)
    await expectComplete(world, person)
    const { code, document } = await jsonOf(world.env, 'export', 'atproto', person.identity, ...WHY)
    expect(code).toBe(0)
    expect(document).toMatchObject({
      tenant: 'aesthetic',
      application: { users: [{ _id: person.identity }], verifications: [{ count: 1 }], '@handles': [{}] },
      holdfast: { holdfast_verifications: [{ changes: 0 }], holdfast_intents: [] },
      tombstone: null,
      temporal: [{ type: 'signup', status: 'COMPLETED', stage: 'completed' }],
      pds: { email: person.email },
    })
    const password = await storedPassword(world, person)
    expect(JSON.stringify(document)).not.toContain(password)
    const { stdout } = await holdfast(world.env, 'export', 'atproto', person.identity, '--secrets', ...WHY)
    expect(stdout).toContain(password)
  })

  it('names everything that is not configured at once, before it records or reads anything', async () => {
    const actions = () => createActionLog(world.db).list({}, 1_000)
    const before = await actions()
    const ask = (missing: object) =>
      holdfast({ ...world.env, PDS_URL: '', ...missing }, 'export', 'atproto', 'auth0|nobody', ...WHY)
    const { code, stderr } = await ask({ HOLDFAST_KEY: '', MONGODB_URI: '' })
    expect(code).toBe(2)
    for (const name of ['PDS_URL', 'HOLDFAST_KEY', 'MONGODB_URI'])
      expect(stderr).toContain(`${name} is missing`)
    expect((await ask({})).code).toBe(2)
    expect(await actions()).toEqual(before)
  })

  it('opens the address of an account that is still to be made', async () => {
    const person = await newPerson(world)
    const { intents } = world.connectDeps()
    await intents.prepare(person.identity, person.email, () => 'drawn once')
    await intents.prepare(person.identity, person.email, () => 'drawn twice')
    const { document } = await jsonOf(world.env, 'export', 'atproto', person.identity, ...WHY)
    expect(document).toMatchObject({ holdfast: { holdfast_intents: [{ email: person.email }] } })
    expect(JSON.stringify(document)).not.toContain('drawn once')
  })
})

describe.each(['export', 'sync-handle'])('holdfast %s of an identity that nobody knows', (command) => {
  it('says so, says what to type, ends with 1 and leaves no trace', async () => {
    const identity = 'auth0|nobody'
    const why = command === 'export' ? WHY : []
    const { code, stdout } = await holdfast(world.env, command, 'atproto', identity, ...why)
    expect({ code, stdout }).toEqual({
      code: 1,
      stdout:
        "'auth0|nobody' is unknown: no store has this person, and Temporal has no signup. " +
        "To start one: npx holdfast signup atproto 'auth0|nobody'\n",
    })
    const { document } = await jsonOf(world.env, command, 'atproto', identity, ...why)
    expect(document).toEqual({ error: stdout.trim().replace('npx ', '') })
    const workflowId = `sync-handle/atproto/aesthetic/${identity}`
    await expect(world.temporal.workflow.getHandle(workflowId).describe()).rejects.toThrow(
      WorkflowNotFoundError,
    )
  })
})

describe('holdfast delete', () => {
  it('asks first, and where nobody can be asked wants to be told', async () => {
    const { code, stderr } = await holdfast(world.env, 'delete', 'atproto', 'auth0|somebody')
    expect(code).toBe(2)
    expect(stderr).toContain('--yes')
  })

  it('refuses for a person the provider knows, deletes with --force, and status then says since when', async () => {
    const person = await newPerson(world)
    await startSignup(world, person)
    await expectComplete(world, person)
    const refused = await holdfast(world.env, 'delete', 'atproto', person.identity, '--yes')
    expect(refused.code).toBe(1)
    expect(refused.stdout).toContain('--force')
    await reaches(world, person, 'completed')

    const done = await jsonOf(world.env, 'delete', 'atproto', person.identity, '--yes', '--force')
    expect(done).toMatchObject({ code: 0, document: { outcome: 'deleted', erased: { users: 1, pds: 1 } } })
    await expectGone(world, person)
    const { code, document } = await jsonOf(world.env, 'status', 'atproto', person.identity)
    expect(code).toBe(1)
    expect(document).toMatchObject({ error: expect.stringContaining('deleted') as string })
    const held = await jsonOf(world.env, 'export', 'atproto', person.identity, ...WHY)
    expect(held.document).toMatchObject({ tombstone: { erased: { users: 1 } }, temporal: [] })
    const { stdout } = await holdfast(world.env, 'sync-handle', 'atproto', person.identity)
    expect(stdout).toContain('was deleted as of')
    const started = await jsonOf(world.env, 'signup', 'atproto', person.identity)
    expect(started).toMatchObject({
      code: 1,
      document: { stage: 'deleted', notices: [expect.stringContaining('was deleted as of') as string] },
    })
  })
})
