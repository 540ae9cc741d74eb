import { beforeAll, describe, expect, it } from 'vitest'
import { begin, expectComplete, meets, newPerson, type Person } from '../support/people.ts'
import type { Diagnosis } from '../../src/contracts/checks.ts'
import { checked, namesOf, serveWorld } from '../support/checking.ts'
import { holdfast, jsonOf } from '../support/command.ts'
import { openWorld, type World } from '../support/world.ts'

/** Stands for the person, who is made only when the servers are there. */
const PERSON = '<id>'

let world: World
let person: Person
beforeAll(async () => {
  world = await openWorld({ env: { HOLDFAST_MODE: 'observe' } })
  person = await newPerson(world)
})

describe('HOLDFAST_MODE=observe', () => {
  it('lets a signup wait, explained, and leaves every store as it is', async () => {
    const worker = await world.work()
    await begin(world, person)
    const { problem } = await meets(world, person, 'observing')
    expect(problem?.fix).toContain('Unset HOLDFAST_MODE')
    expect(await world.db.listCollections().toArray()).toEqual([])
    await worker.stop()
  })

  it('refuses every call that writes, and reads', async () => {
    const { users, intents, pds, verifications, codeIndex } = world.connect()
    expect(await users.load(person.identity)).toBeNull()
    expect(await pds.accountByHandle(`nobody${world.env['PDS_HANDLE_DOMAIN']}`)).toBeNull()
    const refused = [
      () => verifications.record(person.identity),
      () => codeIndex.guard(),
      () => users.ensure(person.identity, new Date(), { by: 'index' }),
      () => intents.prepare(person.identity, person.email, () => 'password'),
      () => pds.createAccount({ handle: 'a', email: person.email, password: 'password', inviteCode: null }),
      () => pds.inviteCode(),
    ]
    for (const call of refused) await expect(call()).rejects.toMatchObject({ problem: 'observing' })
    expect(await world.db.listCollections().toArray()).toEqual([])
  })

  it.each([
    ['signup', [PERSON]],
    ['retry', [PERSON]],
    ['verify', [PERSON]],
    ['backfill', ['--fix', '--yes']],
    ['check', ['--probe']],
    ['diagnose', ['--fix-index', '--yes']],
    ['catch-up', ['--close-gap']],
    ['quarantine', ['retry', '--all']],
    ['quarantine', ['drop', '--all', '--yes']],
    ['pause', []],
  ])('refuses the command %s %j, and says why', async (command, args) => {
    const said = args.map((arg) => (arg === PERSON ? person.identity : arg))
    const { code, stderr } = await holdfast(world.env, command, 'atproto', ...said)
    expect(code).toBe(2)
    expect(stderr).toContain('HOLDFAST_MODE=observe')
  })

  it('checks and diagnoses all the same, and nothing of it stays', async () => {
    const before = await world.db.listCollections().toArray()
    const env = await serveWorld(world)
    const report = await checked(env)
    expect(report.checks.filter(({ skipped }) => skipped !== null)).toEqual([])
    expect(namesOf(report.findings)).not.toContain('check-failed')
    const { document } = await jsonOf(env, 'diagnose', 'atproto')
    const { rehearsal } = document as unknown as Diagnosis
    expect(rehearsal.length).toBeGreaterThan(0)
    expect(rehearsal.filter(({ ok }) => !ok)).toEqual([])
    expect(await world.db.listCollections().toArray()).toEqual(before)
  })

  it('takes events in and keeps the schedules, which is what goes on by itself', async () => {
    const worker = await world.work()
    expect((await jsonOf(world.env, 'schedules', 'atproto', 'apply')).code).toBe(0)
    expect((await jsonOf(world.env, 'catch-up', 'atproto')).code).toBe(0)
    await worker.stop()
  })

  it('ends, and resume lets everybody go on', async () => {
    const writing = { HOLDFAST_MODE: '' }
    await world.work(undefined, writing)
    expect((await holdfast({ ...world.env, ...writing }, 'resume', 'atproto')).code).toBe(0)
    await expectComplete(world, person)
  })
})
