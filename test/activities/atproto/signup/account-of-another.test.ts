import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { accountActivity } from '../../../support/account-activity.ts'
import type { AtprotoDeps } from '../../../../src/activities/atproto/deps.ts'
import { loadPersonFacts } from '../../../../src/activities/atproto/audit/person-facts.ts'
import { createVerificationActivity } from '../../../../src/activities/atproto/signup/verification.ts'
import { createPdsDeletionActivities } from '../../../../src/activities/atproto/deletion/activities.ts'
import { gapsOf } from '../../../../src/domain/atproto/gap-rules.ts'
import { deletionSentence } from '../../../../src/domain/deletion-text.ts'
import type { WhyProblem } from '../../../../src/contracts/why.ts'
import { servedSince } from '../../../support/catch-up.ts'
import { holdfast, jsonOf } from '../../../support/command.ts'
import { deleted } from '../../../support/deletion.ts'
import { address, newPerson, type Person } from '../../../support/people.ts'
import { pdsAdmin } from '../../../support/pds.ts'
import { collections, openWorld, type World } from '../../../support/world.ts'

let world: World
let deps: AtprotoDeps
beforeAll(async () => {
  world = await openWorld()
  await servedSince(world, new Date(0))
  deps = world.connectDeps()
})

async function withAccount(): Promise<{ person: Person; did: string }> {
  const person = await newPerson(world)
  const { identity } = person
  await deps.users.ensure(identity, new Date(), await deps.codeIndex.ensureUnique())
  await deps.intents.prepare(identity, person.email, deps.newPassword)
  const made = await accountActivity(deps)({ identity })
  return { person, did: made?.did ?? '' }
}

/** The application moves the account of A to B: only Holdfast's memory still assigns it to A. */
async function merged(code = 'ac26merge') {
  const a = await withAccount()
  const b = await newPerson(world)
  const { users } = collections(world.db)
  const { atproto } = (await users.findOne({ _id: a.person.identity })) ?? {}
  await users.insertOne({ _id: b.identity, code, ...(atproto === undefined ? {} : { atproto }) })
  await users.updateOne({ _id: a.person.identity }, { $unset: { atproto: '' } })
  return { ...a, b }
}

const clearB = ({ identity }: Person) => collections(world.db).users.deleteOne({ _id: identity })

describe('T7: an account that the application moved to another person', () => {
  it('stays when the first person is deleted, as long as a user record or the memory of another names it', async () => {
    const { person, did, b } = await merged()
    const { identity } = person
    const { deletePdsAccounts } = createPdsDeletionActivities(deps)
    expect(await deletePdsAccounts({ identity })).toMatchObject({ removed: 0 })
    expect(await deps.pds.accountByDid(did)).toMatchObject({ did })

    // Only the memory of another person names the account.
    await clearB(b)
    await deps.personMemory.rememberAll([
      {
        identity: b.identity,
        code: 'ac26merge',
        when: null,
        account: { did, handle: 'x.test', proof: 'agreed' },
      },
    ])
    expect((await deps.personMemory.ownersOf([did])).get(did)?.toSorted()).toEqual(
      [identity, b.identity].toSorted(),
    )
    expect(await deletePdsAccounts({ identity })).toMatchObject({ removed: 0 })
    expect(await deps.pds.accountByDid(did)).toMatchObject({ did })

    await deps.personMemory.forget([b.identity])
    expect(await deletePdsAccounts({ identity })).toMatchObject({ removed: 1 })
    expect(await deps.pds.accountByDid(did)).toBeNull()
  })

  it('stays while both user records name it, and the deletion says with whom', async () => {
    const { person, did } = await withAccount()
    const { identity } = person
    const b = await newPerson(world)
    const { users } = collections(world.db)
    await users.insertOne({ _id: b.identity, code: 'ac26both', atproto: { did } })
    const { deletePdsAccounts } = createPdsDeletionActivities(deps)
    const leftTo = [deps.addressHash(b.identity)]
    expect(await deletePdsAccounts({ identity })).toMatchObject({ removed: 0, leftTo })
    expect(await deps.pds.accountByDid(did)).toMatchObject({ did })

    // The account is not left to a person who is being deleted too, since neither deletion would remove it.
    await deps.tombstones.set(b.identity, new Date())
    const removal = await deletePdsAccounts({ identity })
    expect(removal).toMatchObject({ removed: 1 })
    expect(removal).not.toHaveProperty('leftTo')
    expect(await deps.pds.accountByDid(did)).toBeNull()
  })

  it('stays through a whole deletion, whose proof and tombstone name the other by keyed hash alone', async () => {
    await world.startWorker()
    const { person, did } = await withAccount()
    const { identity } = person
    const b = await newPerson(world)
    await collections(world.db).users.insertOne({ _id: b.identity, code: 'ac26kept', atproto: { did } })
    world.auth0.deleteUser(identity)
    const proof = await deleted(world, person, { by: 'command' })
    const leftTo = [deps.addressHash(b.identity)]
    expect(proof).toMatchObject({ outcome: 'deleted', leftTo })
    expect(JSON.stringify(proof)).not.toContain(b.identity)
    const tombstone = await deps.tombstones.find(identity)
    expect(tombstone).toMatchObject({ leftTo })
    expect(tombstone === null ? '' : deletionSentence('atproto', identity, tombstone)).toContain(leftTo[0])
    expect(await deps.pds.accountByDid(did)).toMatchObject({ did })

    const { stdout } = await holdfast(world.env, 'audit', 'atproto')
    expect(stdout).toContain('the account of 1 deleted person stayed with another person')
  }) // a deletion waits for calls to the PDS that may be in flight

  it("is not recovered for the first person: the other's password still logs in", async () => {
    const { person, did, b } = await merged()
    const { identity, email } = person
    const { atproto } = (await collections(world.db).users.findOne({ _id: b.identity })) ?? {}
    const password = deps.openedPassword(identity, atproto?.password ?? '')
    await deps.intents.prepare(identity, email, deps.newPassword)
    await expect(accountActivity(deps)({ identity })).rejects.toThrow()
    expect(await deps.pds.accountByLogin(email, password)).toMatchObject({ did })
    expect((await collections(world.db).users.findOne({ _id: identity }))?.atproto).toBeUndefined()
  })
})

describe('T7: a moved account, while the changed address of the first person is not verified', () => {
  /** The gaps that an audit finds of them, and those on their page. */
  async function missing({ identity }: Person) {
    const auditId = randomUUID()
    const listed = { identity, createdAt: new Date(0), verified: false, address: null, alias: null }
    await deps.auditSnapshot.addIdentities(auditId, [listed])
    const facts = await loadPersonFacts(deps, [identity], {
      auditId,
      accounts: 'now',
      waitOutRateLimits: (call) => call(),
    })
    const rules = { now: new Date(), graceMs: 0, waitMs: Infinity, handleDomain: deps.handleDomain }
    const audited = facts.flatMap((person) => gapsOf(person, rules))
    const { document } = await jsonOf(world.env, 'why', 'atproto', identity)
    const shown = document['problems'] as WhyProblem[]
    return {
      audit: audited.some(({ kind }) => kind === 'account-missing'),
      why: shown.some(({ name }) => name === 'account-missing'),
    }
  }

  it('is no gap of theirs, and nothing that their signup would restore', async () => {
    const { person, did, b } = await merged('ac26moved')
    const { identity } = person
    world.auth0.changeEmail(identity, address())
    const checkVerification = createVerificationActivity(deps)
    expect(await missing(person)).toEqual({ audit: false, why: false })

    await clearB(b)
    expect(await missing(person)).toEqual({ audit: true, why: true })
    expect(await checkVerification({ identity })).toMatchObject({ verified: false, accountLost: true })

    const account = { did, handle: 'x.test', proof: 'agreed' } as const
    await deps.personMemory.rememberAll([{ identity: b.identity, code: 'ac26moved', when: null, account }])
    expect(await missing(person)).toEqual({ audit: false, why: false })
    expect(await checkVerification({ identity })).toMatchObject({ verified: false, accountLost: false })
    await deps.personMemory.forget([b.identity])
  })
})

describe('P8: an account to be recovered that is taken down', () => {
  it('is told in the history as it is: its app passwords were not revoked', async () => {
    const { person, did } = await withAccount()
    const { identity } = person
    await collections(world.db).users.updateOne({ _id: identity }, { $unset: { atproto: '' } })
    await pdsAdmin(world.env).takeDown(did)
    await deps.intents.prepare(identity, person.email, deps.newPassword)
    await accountActivity(deps)({ identity })
    const outcomes = (await deps.stepHistory.load(identity)).map(({ outcome }) => outcome)
    expect(outcomes).toContain('rebuilt-unopened')
    expect(outcomes).not.toContain('rebuilt')
  })
})

describe('L2: a worker that died between the user record and the memory of the account', () => {
  it('is made good by the next try, which remembers the account that our intent opens', async () => {
    const person = await newPerson(world)
    const { identity } = person
    await deps.users.ensure(identity, new Date(), await deps.codeIndex.ensureUnique())
    await deps.intents.prepare(identity, person.email, deps.newPassword)
    const died = new Error('the worker died')
    const dying = {
      ...deps,
      personMemory: { ...deps.personMemory, rememberAccount: () => Promise.reject(died) },
    }
    await expect(accountActivity(dying)({ identity })).rejects.toThrow('the worker died')
    const made = await accountActivity(deps)({ identity })
    expect((await deps.personMemory.loadWithUser(identity)).remembered?.account).toMatchObject({
      ...made,
      proof: 'login',
    })
  })
})
