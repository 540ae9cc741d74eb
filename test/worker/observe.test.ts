import { beforeAll, describe, expect, it } from 'vitest'
import { startSignup, expectComplete, meets, newPerson, type Person } from '../support/people.ts'
import type { Diagnosis } from '../../src/contracts/checks.ts'
import type { DeletionProof } from '../../src/contracts/deletion.ts'
import { createCursors } from '../../src/state/mongo/cursors.ts'
import { recordTenantStart } from '../../src/intake/atproto/tenant-start.ts'
import { checked, namesOf, serveWorld } from '../support/checking.ts'
import { holdfast, jsonOf } from '../support/command.ts'
import { openWorld, type World } from '../support/world.ts'

/** A placeholder for the person, who is created only when the servers run. */
const PERSON = '<id>'

const OWN_NOTES = ['holdfast_history', 'holdfast_totals']

let world: World
let person: Person
beforeAll(async () => {
  world = await openWorld({ env: { HOLDFAST_MODE: 'observe' } })
  person = await newPerson(world)
})

/** Every collection except those that say why signups wait, and how many got that problem. */
async function stores(): Promise<string[]> {
  const all = await world.db.listCollections().toArray()
  return all.map(({ name }) => name).filter((name) => !OWN_NOTES.includes(name))
}

describe('HOLDFAST_MODE=observe', () => {
  it('lets a signup wait, explained, and leaves every store as it is', async () => {
    const worker = await world.startWorker()
    await startSignup(world, person)
    const { problem } = await meets(world, person, 'observing')
    expect(problem?.fix).toContain('unset HOLDFAST_MODE')
    expect(await stores()).toEqual([])
    await worker.stop()
  })

  it('records a deletion at the provider, and does not act on it', async () => {
    const worker = await world.startWorker()
    const leaver = await newPerson(world)
    world.auth0.deleteUser(leaver.identity)
    const { workflowId } = await world.signups.requestDeletion({
      tenant: 'aesthetic',
      identity: leaver.identity,
      at: new Date().toISOString(),
    })
    const proof = (await world.temporal.workflow.getHandle(workflowId).result()) as DeletionProof
    expect(proof).toMatchObject({ outcome: 'recorded', erased: {} })
    const recorded = world.db.collection('holdfast_old_deletions')
    expect(await recorded.deleteMany({ tenant: 'aesthetic' })).toMatchObject({ deletedCount: 1 })
    await recorded.drop()
    await worker.stop()
  })

  it('refuses every call that writes, and reads', async () => {
    const { users, intents, pds, verifications, codeIndex } = world.connectDeps()
    expect(await users.load(person.identity)).toBeNull()
    expect(await pds.accountByHandle(`nobody${world.env['PDS_HANDLE_DOMAIN']}`)).toBeNull()
    const refused = [
      () => verifications.record(person.identity),
      () => codeIndex.ensureUnique(),
      () => users.ensure(person.identity, new Date(), { by: 'index' }),
      () => intents.prepare(person.identity, person.email, () => 'password'),
      () => pds.createAccount({ handle: 'a', email: person.email, password: 'password', inviteCode: null }),
      () => pds.inviteCode(),
    ]
    for (const call of refused) await expect(call()).rejects.toMatchObject({ problem: 'observing' })
    expect(await stores()).toEqual([])
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
    const env = await serveWorld(world)
    // The server accepts events while Holdfast only observes, and stores at its start since when.
    await recordTenantStart(createCursors(world.db, 'atproto'), [{ name: 'aesthetic' }])
    const before = await stores()
    const report = await checked(env)
    // Only an account shows whether the PDS reaches the PLC directory, and none is created here.
    expect(namesOf(report.checks.filter(({ skipped }) => skipped !== null))).toEqual(['plc'])
    expect(namesOf(report.findings)).not.toContain('check-failed')
    const { document } = await jsonOf(env, 'diagnose', 'atproto')
    const { rehearsal } = document as unknown as Diagnosis
    expect(rehearsal.length).toBeGreaterThan(0)
    expect(rehearsal.filter(({ ok }) => !ok)).toEqual([])
    expect(await stores()).toEqual(before)
  })

  it('takes events in and keeps the schedules, which is what goes on by itself', async () => {
    const worker = await world.startWorker()
    expect((await jsonOf(world.env, 'schedules', 'atproto', 'apply')).code).toBe(0)
    expect((await jsonOf(world.env, 'catch-up', 'atproto')).code).toBe(0)
    await worker.stop()
  })

  it('ends, and resume lets everybody go on', async () => {
    const writing = { HOLDFAST_MODE: '' }
    await world.startWorker(undefined, writing)
    expect((await holdfast({ ...world.env, ...writing }, 'resume', 'atproto')).code).toBe(0)
    await expectComplete(world, person)
  })
})
