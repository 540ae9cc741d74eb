import { MockActivityEnvironment } from '@temporalio/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { createAtprotoAudit } from '../../src/activities/atproto/audit/answers.ts'
import { createAuditActivities } from '../../src/activities/audit/activities.ts'
import type { AtprotoDeps } from '../../src/activities/atproto/deps.ts'
import { holdfast, jsonOf, pageOf, statusOf } from '../support/command.ts'
import { deleted, expectGone } from '../support/deletion.ts'
import { startSignup, expectComplete, newPerson, type Person } from '../support/people.ts'
import { collections, openWorld, type World } from '../support/world.ts'

let world: World
let deps: AtprotoDeps
beforeAll(async () => {
  world = await openWorld({ env: { HOLDFAST_GRACE_MINUTES: '0' } })
  await world.startWorker()
  deps = world.connectDeps()
})

async function completed(): Promise<Person> {
  const person = await newPerson(world)
  await startSignup(world, person)
  await expectComplete(world, person)
  return person
}

describe('M8: a person who was deleted with --force, and whom the provider knows', () => {
  it('is deleted everywhere: no gap, no repair, and why says when and how', async () => {
    const person = await completed()
    const { identity } = person
    const done = await holdfast(world.env, 'delete', 'atproto', identity, '--force', '--yes')
    expect(done.code).toBe(0)
    await expectGone(world, person)

    const audit = await jsonOf(world.env, 'audit', 'atproto')
    expect(audit.document['gaps']).not.toHaveProperty('identity-only')
    expect(JSON.stringify(audit.document)).not.toContain(identity)
    const close = await jsonOf(world.env, 'audit', 'atproto', '--last', '50')
    expect(JSON.stringify(close.document)).not.toContain(identity)

    const why = await jsonOf(world.env, 'why', 'atproto', identity)
    expect(why.document).toMatchObject({ stage: 'deleted', problems: [], known: true })
    expect(JSON.stringify(why.document['notices'])).toContain('--force')
    expect(why.document['fix']).toContain('holdfast undelete atproto')

    for (const args of [
      ['--id', identity],
      ['--id', identity, '--fix', '--yes'],
    ]) {
      const backfill = await holdfast(world.env, 'backfill', 'atproto', ...args)
      expect(backfill.code).toBe(1)
      expect(backfill.stdout).toMatch(/was deleted as of .* nothing to repair/)
    }
    const signup = await holdfast(world.env, 'signup', 'atproto', identity)
    expect(signup.code).toBe(1)
    expect(signup.stdout).toContain('was deleted as of')
  })

  it('signs up again once an operator has lifted the tombstone, which takes a reason without an address', async () => {
    const person = await completed()
    const { identity } = person
    await deleted(world, person, { force: true, by: 'command' })
    const undelete = (...args: string[]) => holdfast(world.env, 'undelete', 'atproto', identity, ...args)
    expect((await undelete()).code).toBe(2)
    expect(await undelete('--reason', 'asked by ana@example.com')).toMatchObject({ code: 2 })
    const lifted = await undelete('--reason', 'ticket 512', '--json')
    expect(JSON.parse(lifted.stdout)).toMatchObject({ identity, undeleted: true, reason: 'ticket 512' })
    expect((await undelete('--reason', 'ticket 512')).code).toBe(1)
    const actions = await holdfast(world.env, 'actions', 'atproto')
    expect(actions.stdout).toContain('undelete')
    expect((await holdfast(world.env, 'signup', 'atproto', identity)).code).toBe(0)
    await expectComplete(world, person)
  })
})

describe('a person of whom nothing is known', () => {
  it('is reported as that by delete and signup, which exit with 1', async () => {
    const done = await jsonOf(world.env, 'delete', 'atproto', 'auth0|nobody', '--yes')
    expect(done.code).toBe(1)
    expect(done.document['error']).toContain('No such person')
    expect(await deps.tombstones.find('auth0|nobody')).toBeNull()
    const forced = await jsonOf(world.env, 'delete', 'atproto', 'auth0|nobody', '--force', '--yes')
    expect(forced.document['error']).toContain('No such person')
    expect(await deps.tombstones.find('auth0|nobody')).toBeNull()
    const signup = await holdfast(world.env, 'signup', 'atproto', 'auth0|nobody-either')
    expect(signup.code).toBe(1)
    expect(signup.stdout).toContain('No such person')
    expect(signup.stdout).not.toContain('deleted')
  })
})

describe('the tombstone of a person who had something', () => {
  it('stays when an operator deletes the person once more, and nothing is left', async () => {
    const person = await completed()
    const { identity } = person
    world.auth0.deleteUser(identity)
    await deleted(world, person, { by: 'command' })
    const again = await holdfast(world.env, 'delete', 'atproto', identity, '--yes')
    expect(again).toMatchObject({ code: 0 })
    expect(again.stdout).toContain('Nothing was left to delete.')
    expect(await deps.tombstones.find(identity)).toMatchObject({ by: 'command' })
  })

  it('stays where the provider told of a deletion, although no store had the person', async () => {
    const person = await newPerson(world)
    world.auth0.deleteUser(person.identity)
    await deleted(world, person, { by: 'event' })
    expect(await deps.tombstones.find(person.identity)).toMatchObject({ by: 'event' })
  })
})

describe('D3: a completed signup whose records are gone', () => {
  it('is not shown as completed by status, list or why', async () => {
    const person = await completed()
    const { users, verifications } = collections(world.db)
    await users.deleteOne({ _id: person.identity })
    await verifications.deleteOne({ _id: person.identity })
    world.auth0.deleteUser(person.identity)

    const status = await statusOf(world.env, 'status', 'atproto', person.identity)
    expect(status.document).toMatchObject({ stage: 'recording', did: null, handle: null })
    expect(status.document.notices.join()).toContain('has been removed since')
    const { document } = await pageOf(world.env, 'list', 'atproto', '--limit', '100')
    const row = document.signups.find(({ identity }) => identity === person.identity)
    expect(row).toMatchObject({ stage: 'recording', did: null })
    const why = await jsonOf(world.env, 'why', 'atproto', person.identity)
    expect(why.document).toMatchObject({ stage: 'deleted' })
  })
})

describe('M7: a person who is deleted while an audit looks people up', () => {
  it('is in nothing that the audit writes', async () => {
    const person = await completed()
    const { identity } = person
    await collections(world.db).users.updateOne({ _id: identity }, { $unset: { code: '' } })
    const auditId = 'm7'
    const scope = { tenant: null, last: null, id: identity, since: null }
    const during: AtprotoDeps = {
      ...deps,
      tenantOf: (id) => {
        const tenant = deps.tenantOf(id)
        const lookUp = async (userId: string) => {
          const found = await tenant.auth0.person(userId)
          await deps.tombstones.set(identity, new Date())
          await deps.personalData.erase('application', { tenant: 'aesthetic', identity, userId: identity })
          return found
        }
        return { ...tenant, auth0: { ...tenant.auth0, person: lookUp } }
      },
    }
    const { runScanStep } = createAuditActivities(during, createAtprotoAudit(during))
    await new MockActivityEnvironment().run(() => runScanStep({ auditId, scope, step: 'people' }))
    for (const name of ['holdfast_audit_people', 'holdfast_audit_findings', 'holdfast_audit_identities'])
      expect(JSON.stringify(await world.db.collection(name).find().toArray())).not.toContain(identity)
  })
})
