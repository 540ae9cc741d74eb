import { beforeAll, describe, expect, it } from 'vitest'
import type { RecordedAction } from '../../../src/contracts/actions.ts'
import { loadConfig } from '../../../src/config.ts'
import { createIdHash } from '../../../src/crypto/keyring.ts'
import { holdfast, jsonOf } from '../../support/command.ts'
import { startSignup, expectComplete, newPerson, type Person } from '../../support/people.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let person: Person
beforeAll(async () => {
  world = await openWorld()
  await world.startWorker()
  person = await newPerson(world)
  await startSignup(world, person)
  await expectComplete(world, person)
})

const actions = async (...args: string[]): Promise<RecordedAction[]> => {
  const { code, document } = await jsonOf(world.env, 'actions', 'atproto', ...args)
  expect(code).toBe(0)
  return document['actions'] as RecordedAction[]
}

describe('X4: holdfast actions', () => {
  it('says who did what about one person, why, and with which outcome, kept when they are deleted', async () => {
    const operators = await jsonOf(world.env, 'operators', 'new', 'ana', '--role', 'admin')
    const { token, entry } = operators.document as { token: string; entry: string }
    const ana = { ...world.env, HOLDFAST_OPERATORS: entry, HOLDFAST_OPERATOR_TOKEN: token }
    await holdfast(ana, 'ignore', 'atproto', person.identity, '--until', '1d', '--reason', 'a test')
    await holdfast(world.env, 'retry', 'atproto', person.identity)
    await holdfast(ana, 'delete', 'atproto', person.identity, '--yes', '--force')

    const recorded = await actions('--id', person.identity)
    expect(recorded.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['delete', 'succeeded'],
      ['retry', 'succeeded'],
      ['ignore', 'succeeded'],
    ])
    const subject = createIdHash(loadConfig(['keys'], world.env).keys.id)(person.identity)
    for (const { subjects } of recorded) expect(subjects).toEqual([subject])
    expect(recorded.map(({ by }) => by.verified)).toEqual([true, false, true])
    expect(recorded[0]?.by).toEqual({ name: 'ana', verified: true, via: 'command' })
    expect(recorded[2]?.reason).toBe('a test')
    expect(JSON.stringify(recorded)).not.toContain(person.identity)
  })

  it('records what failed with the problem, and what was not confirmed not at all', async () => {
    const before = await actions()
    await holdfast(world.env, 'delete', 'atproto', 'auth0|nobody')
    expect(await actions()).toEqual(before)
    const away = { ...world.env, PDS_URL: 'http://127.0.0.1:1' }
    await holdfast(away, 'password', 'atproto', 'auth0|nobody', '--reason', 'ticket 512')
    expect((await actions())[0]).toMatchObject({ name: 'password', outcome: 'failed' })
  })

  it('is a table for people', async () => {
    const { stdout } = await holdfast(world.env, 'actions', 'atproto')
    expect(stdout).toMatch(/^WHEN .*ACTION .*BY .*PERSON .*OUTCOME/)
    expect(stdout).toMatch(/delete +ana +command/)
    expect(stdout).toMatch(/\(unverified\)/)
  })
})
