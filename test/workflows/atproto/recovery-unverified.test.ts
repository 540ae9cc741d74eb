import { beforeAll, describe, expect, it } from 'vitest'
import type { AccountProof } from '../../../src/contracts/atproto/recovery.ts'
import type { Finding } from '../../../src/contracts/gaps.ts'
import { jsonOf } from '../../support/command.ts'
import { eventually } from '../../support/eventually.ts'
import { pdsAdmin } from '../../support/pds.ts'
import {
  address,
  expectComplete,
  newPerson,
  reaches,
  retry,
  startSignup,
  waitForStatus,
  type Person,
} from '../../support/people.ts'
import { collections, openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld({ env: { HOLDFAST_GRACE_MINUTES: '0' } })
  await world.startWorker()
})

const notify = (person: Person, hint: 'emailChanged' | 'emailVerified'): Promise<unknown> =>
  world.signups.notify({ tenant: 'aesthetic', identity: person.identity, hint })
const userOf = ({ identity }: Person) => collections(world.db).users.findOne({ _id: identity })
const withoutUser = ({ identity }: Person) => collections(world.db).users.deleteOne({ _id: identity })
const withoutAccount = ({ identity }: Person) =>
  collections(world.db).users.updateOne({ _id: identity }, { $unset: { atproto: '' } })

/** A person with an account, whose new address is not verified; `moved` is the same person with that address. */
async function changedAddress() {
  const person = await newPerson(world)
  await startSignup(world, person)
  const { did, code } = await expectComplete(world, person)
  const moved = { ...person, email: address() }
  world.auth0.changeEmail(person.identity, moved.email)
  await notify(person, 'emailChanged')
  await reaches(world, person, 'waiting-for-verification')
  return { person, moved, did: did ?? '', code: code ?? '' }
}

describe('M10: a record is lost while the changed address is not verified', () => {
  it.each([
    ['the user record', withoutUser],
    ['users.atproto', withoutAccount],
  ])('%s: the same account is restored, under the old address, and nothing is counted', async (_, lose) => {
    const { person, moved, did, code } = await changedAddress()
    await lose(person)
    await retry(world, person)
    expect(await expectComplete(world, person)).toMatchObject({ did, code })

    // The later verification is counted, and the account follows it.
    world.auth0.verifyEmail(person.identity)
    await notify(person, 'emailVerified')
    await eventually('the verification is counted', () =>
      collections(world.db).verifications.findOne({ _id: person.identity, count: 2 }),
    )
    expect(await expectComplete(world, moved, { count: 2 })).toMatchObject({ did, code })
  })

  it('an audit finds the missing account, and a backfill restores it', async () => {
    const { person, did } = await changedAddress()
    await withoutAccount(person)
    const findings = await eventually('the audit finds it', async () => {
      const { document } = await jsonOf(world.env, 'audit', 'atproto')
      const all = document['findings'] as Finding[]
      const concerned = all.filter(({ identity }) => [person.identity, did].includes(identity))
      return concerned.length > 0 && concerned
    })
    expect(findings).toMatchObject([
      { identity: person.identity, kind: 'account-missing', repair: 'rebuild', evidence: { account: did } },
    ])
    const { document } = await jsonOf(
      world.env,
      'backfill',
      'atproto',
      '--id',
      person.identity,
      '--fix',
      '--yes',
    )
    expect(document).toMatchObject({ successful: 1, verified: 1 })
    expect(await expectComplete(world, person)).toMatchObject({ did })
  })
})

describe('M10: what does not prove an account while the address is not verified', () => {
  /** The signup has looked for the account once more, and waits. */
  async function staysWithout(person: Person): Promise<void> {
    const before = await reaches(world, person, 'waiting-for-verification')
    await retry(world, person)
    await waitForStatus(
      world,
      person,
      'waits again',
      ({ stage, stageSince }) => stage === 'waiting-for-verification' && stageSince !== before.stageSince,
    )
    expect(await userOf(person)).toHaveProperty('code')
    expect((await userOf(person))?.atproto).toBeUndefined()
  }

  it('an account that the PDS no longer hosts: the signup waits, and creates no other', async () => {
    const { person, did } = await changedAddress()
    await pdsAdmin(world.env).remove(did)
    await withoutUser(person)
    await staysWithout(person)
    expect(await pdsAdmin(world.env).accountsOf(person.email)).toEqual([])
  })

  it('an account that only Temporal named: it needs the verified address at the PDS', async () => {
    const { person } = await changedAddress()
    const proof: AccountProof = 'last-signup'
    await world.db
      .collection('holdfast_people')
      .updateOne({ _id: person.identity as never }, { $set: { proof } })
    await withoutUser(person)
    await staysWithout(person)
  })
})
