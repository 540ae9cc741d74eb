import { AtpAgent } from '@atproto/api'
import { beforeAll, describe, expect, it } from 'vitest'
import { OutsideError } from '../../../src/domain/outside-error.ts'
import type { HandleSyncResult } from '../../../src/contracts/atproto/handle-sync.ts'
import { createHandleSyncs, type HandleSyncs } from '../../../src/client/atproto/handle-syncs.ts'
import { createIdHash } from '../../../src/crypto/keyring.ts'
import { chooseHandle, fullHandle, hasHandle } from '../../support/handles.ts'
import {
  startSignup,
  expectComplete,
  label,
  newPerson,
  storedPassword,
  type Person,
} from '../../support/people.ts'
import { eventually } from '../../support/eventually.ts'
import { collections, openWorld, type World } from '../../support/world.ts'

let world: World
let syncs: HandleSyncs
/** Wraps the next change of a handle. */
let around: (change: () => Promise<boolean>) => Promise<boolean> = (change) => change()
beforeAll(async () => {
  world = await openWorld()
  await world.startWorker((deps) => ({
    ...deps,
    pds: { ...deps.pds, changeHandle: (account) => around(() => deps.pds.changeHandle(account)) },
  }))
  syncs = createHandleSyncs(
    world.temporal,
    createIdHash(Buffer.from(world.env['HOLDFAST_ID_KEY'] ?? '', 'base64')),
  )
})

const ref = ({ identity }: Person) => ({ tenant: 'aesthetic', identity })

async function synced(person: Person): Promise<HandleSyncResult> {
  const { workflowId } = await syncs.requestSync(ref(person))
  return (await world.temporal.workflow.getHandle(workflowId).result()) as HandleSyncResult
}

async function completed(handle?: string): Promise<{ person: Person; code: string }> {
  const person = await newPerson(world, handle === undefined ? {} : { handle })
  await startSignup(world, person)
  const { code } = await expectComplete(world, person)
  return { person, code: code ?? '' }
}

describe('P8: the handle of an account that exists', () => {
  it('follows a change, falls back to the code for a reserved one, follows back, and is the code when removed', async () => {
    const first = label()
    const { person, code } = await completed(first)
    const second = label()
    await chooseHandle(world, person, second)
    expect(await synced(person)).toEqual({
      outcome: 'changed',
      handle: fullHandle(world, second),
      wanted: fullHandle(world, second),
    })
    await hasHandle(world, person, second)
    await chooseHandle(world, person, 'admin')
    expect(await synced(person)).toEqual({
      outcome: 'fell-back',
      handle: fullHandle(world, code),
      wanted: fullHandle(world, 'admin'),
    })
    await hasHandle(world, person, code)
    await chooseHandle(world, person, first)
    expect(await synced(person)).toMatchObject({ outcome: 'changed' })
    await hasHandle(world, person, first)
    await chooseHandle(world, person, null)
    expect(await synced(person)).toMatchObject({ outcome: 'changed', wanted: null })
    await hasHandle(world, person, code)
    expect(await synced(person)).toMatchObject({ outcome: 'same' })
  })

  it('is the code where somebody else has the wanted one', async () => {
    const taken = label()
    await completed(taken)
    const { person, code } = await completed()
    await chooseHandle(world, person, taken)
    expect(await synced(person)).toMatchObject({ outcome: 'fell-back', handle: fullHandle(world, code) })
  })

  it('follows also for a person who changed the password, but not to a name of the service', async () => {
    const { person, code } = await completed()
    const agent = new AtpAgent({ service: world.env['PDS_URL'] ?? '' })
    await agent.login({ identifier: person.email, password: await storedPassword(world, person) })
    const user = await collections(world.db).users.findOne({ _id: person.identity })
    const password = Buffer.from(`admin:${world.env['PDS_ADMIN_PASSWORD']}`).toString('base64')
    await agent.com.atproto.admin.updateAccountPassword(
      { did: user?.atproto?.did ?? '', password: 'my own by now' },
      { headers: { authorization: `Basic ${password}` }, encoding: 'application/json' },
    )
    const chosen = label()
    await chooseHandle(world, person, chosen)
    expect(await synced(person)).toMatchObject({ outcome: 'changed' })
    await hasHandle(world, person, chosen)
    await chooseHandle(world, person, 'admin')
    expect(await synced(person)).toMatchObject({ outcome: 'fell-back', handle: fullHandle(world, code) })
  })

  it('that changed at the PDS is recorded although the answer was lost', async () => {
    const { person } = await completed()
    const chosen = label()
    await chooseHandle(world, person, chosen)
    let lost = 0
    around = async (change) => {
      await change()
      lost += 1
      around = (next) => next()
      throw new OutsideError('pds-unreachable', 'no answer')
    }
    expect(await synced(person)).toMatchObject({ handle: fullHandle(world, chosen) })
    expect(lost).toBe(1)
    await hasHandle(world, person, chosen)
  })

  it('that changes again while it is being changed ends as the last one', async () => {
    const { person } = await completed()
    const [early, late] = [label(), label()]
    await chooseHandle(world, person, early)
    around = async (change) => {
      around = (next) => next()
      await chooseHandle(world, person, late)
      await syncs.requestSync(ref(person))
      return change()
    }
    expect(await synced(person)).toMatchObject({ handle: fullHandle(world, late) })
    await hasHandle(world, person, late)
  })

  it('waits for the turn that a rate limit names, and shows no problem', async () => {
    const { person } = await completed()
    const chosen = label()
    await chooseHandle(world, person, chosen)
    around = () => {
      around = (next) => next()
      const retryAt = new Date(Date.now() + 1_000)
      throw new OutsideError('pds-rate-limited', 'too many', { retryAt })
    }
    expect(await synced(person)).toMatchObject({ outcome: 'changed' })
  })

  it('is left alone for a person without an account', async () => {
    const person = await newPerson(world, { verified: false })
    await chooseHandle(world, person, label())
    expect(await synced(person)).toMatchObject({ outcome: 'no-account' })
  })

  it('P10: says so where the account was deleted behind our back, and makes none', async () => {
    const { person } = await completed()
    const user = await collections(world.db).users.findOne({ _id: person.identity })
    await world.connectDeps().pds.deleteAccount(user?.atproto?.did ?? '')
    expect(await synced(person)).toMatchObject({ outcome: 'account-gone' })
    const status = await eventually('its status', () => syncs.status(ref(person)))
    expect(status).toMatchObject({ synced: { outcome: 'account-gone' }, problem: null })
  })
})
