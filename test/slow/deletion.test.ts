import { beforeAll, describe, expect, it } from 'vitest'
import { chooseHandle } from '../support/handles.ts'
import { deleted, deletionsOf, expectGone, LATE_MS, ref } from '../support/deletion.ts'
import { eventually } from '../support/eventually.ts'
import {
  address,
  startSignup,
  expectComplete,
  label,
  newPerson,
  reaches,
  type Person,
} from '../support/people.ts'
import { openWebhook } from '../support/webhook.ts'
import { collections, openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  await world.startWorker()
})

async function completed(): Promise<Person> {
  const person = await newPerson(world, { handle: label() })
  await startSignup(world, person)
  await expectComplete(world, person)
  return person
}

/** The traces that an audit of this person alone leaves, beside a copy of another person's account; returns the DID. */
async function audited({ identity }: Person): Promise<string> {
  const user = await collections(world.db).users.findOne({ _id: identity })
  const did = user?.atproto?.did ?? ''
  const copies: Record<string, object[]> = {
    holdfast_audits: [{ _id: 'one', scope: { id: identity } }],
    holdfast_plans: [{ _id: 'one', scope: { id: identity } }],
    holdfast_audit_marks: [{ _id: `one/running/${world.idOf(identity)}` }],
    holdfast_audit_accounts: [{ _id: `one/${did}` }, { _id: `one/${did}9` }],
  }
  for (const [name, documents] of Object.entries(copies))
    await world.db.collection(name).insertMany(documents)
  return did
}

const tell = (person: Person, news: object): Promise<unknown> =>
  world.signups.notify({ ...ref(person), ...news })

describe('T7: a deletion', () => {
  it('leaves nothing of a person in any store, and a proof that names nobody', async () => {
    const person = await completed()
    const { quarantine } = openWebhook(world)
    const content = JSON.stringify({ type: 'ss', user_id: person.identity, date: 'never' })
    const other = `${person.identity}9`
    const unread = { system: 'atproto', tenant: 'aesthetic', reason: 'a test' }
    await quarantine.store([
      { ...unread, content },
      { ...unread, content: `{"user_id":"${other}"}` },
    ])
    const did = await audited(person)
    world.auth0.deleteUser(person.identity)

    const proof = await deleted(world, person)
    expect(proof).toMatchObject({
      outcome: 'deleted',
      erased: {
        pds: 1,
        verifications: 1,
        users: 1,
        handles: 1,
        holdfast_verifications: 1,
        holdfast_audits: 1,
        holdfast_plans: 1,
        holdfast_audit_marks: 1,
        holdfast_audit_accounts: 1,
        holdfast_quarantine: 1,
        temporal: 1,
      },
    })
    expect(JSON.stringify(proof)).not.toContain(person.identity)
    await expectGone(world, person)
    expect(await quarantine.list(10)).toHaveLength(1)
    const copies = await world.db.collection('holdfast_audit_accounts').find().toArray()
    expect(copies.map(({ _id }) => String(_id))).toEqual([`one/${did}9`])
  })

  it('of a person who waits stops the signup; what comes late brings nothing back and leaves no trace', async () => {
    const person = await newPerson(world, { verified: false })
    await startSignup(world, person)
    await reaches(world, person, 'waiting-for-verification')
    world.auth0.deleteUser(person.identity)
    expect(await deleted(world, person)).toMatchObject({ outcome: 'deleted' })
    await expectGone(world, person)

    const signedUpAt = new Date().toISOString()
    for (const late of [{ hint: 'emailVerified' }, { signedUpAt }, {}, { hint: 'emailChanged' }]) {
      await tell(person, late)
      await eventually('it has ended', async () => {
        const status = await world.reader.status(world.idOf(person.identity))
        return status === null || status.stage === 'deleted'
      })
    }
    await expectGone(world, person)
    expect(await deleted(world, person)).toMatchObject({ outcome: 'deleted' })
  })

  it('yields to the person created anew afterwards, who gets records and an account of their own', async () => {
    const person = await completed()
    const before = await collections(world.db).users.findOne({ _id: person.identity })
    world.auth0.deleteUser(person.identity)
    const deletedAt = new Date().toISOString()
    await deleted(world, person, { deletedAt })
    const again = { ...person, email: address() }
    const id = person.identity.slice('auth0|'.length)
    expect(world.auth0.seedUsers([{ id, email: again.email, verified: true }])).toEqual([person.identity])
    await tell(person, { hint: 'emailVerified' })
    await expectComplete(world, again)
    const after = await collections(world.db).users.findOne({ _id: person.identity })
    expect(after?.atproto?.did).not.toBe(before?.atproto?.did)

    // The event of the old deletion is repeated: it is not about the person who exists now.
    expect(await deleted(world, person, { deletedAt })).toMatchObject({ outcome: 'created-anew', erased: {} })
    await expectComplete(world, again)
  })

  it('is not believed of a person the provider knows, unless it is forced; then they stay deleted', async () => {
    const person = await completed()
    expect(await deleted(world, person)).toMatchObject({ outcome: 'still-known', deletedAt: null })
    await expectComplete(world, person)
    expect(await deleted(world, person, { force: true })).toMatchObject({ outcome: 'deleted' })
    await tell(person, { hint: 'emailVerified' })
    await expectGone(world, person)
  })

  it('of somebody who was never here is a deletion too', async () => {
    const person = { identity: 'auth0|never-here', email: address() }
    expect(await deleted(world, person)).toMatchObject({ outcome: 'deleted', erased: {} })
    await tell(person, { signedUpAt: new Date().toISOString() })
    await expectGone(world, person)
  })
})

describe('E2: signup, verification, e-mail change, handle and deletion in another order', () => {
  it.each([
    ['deletion first', ['sdu', 'ss', 'sv', 'sce']],
    ['verification first', ['sv', 'sdu', 'ss', 'sce']],
    ['in order', ['ss', 'sv', 'sce', 'sdu']],
  ])('%s: nothing is left', async (_, order) => {
    const person = await newPerson(world)
    await chooseHandle(world, person, label())
    world.auth0.deleteUser(person.identity)
    for (const code of order) {
      if (code === 'sdu') await deletionsOf(world).deletions.start(ref(person))
      if (code === 'ss') await tell(person, { signedUpAt: new Date().toISOString() })
      if (code === 'sv') await tell(person, { hint: 'emailVerified' })
      if (code === 'sce') await tell(person, { hint: 'emailChanged', changedAt: new Date().toISOString() })
    }
    await eventually(
      'nothing is left',
      async () => {
        await expectGone(world, person)
        return true
      },
      LATE_MS,
    )
  })
})
