import { randomBytes } from 'node:crypto'
import { AtpAgent } from '@atproto/api'
import { beforeAll, describe, expect, it } from 'vitest'
import { isUserCode } from '../../../src/domain/atproto/user-code.ts'
import { eventually } from '../../support/eventually.ts'
import { collections, openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  await world.startWorker()
})

const address = (): string => `${randomBytes(6).toString('hex')}@example.com`

describe('a signup', () => {
  it('waits for the verified e-mail, visibly, with its records made', async () => {
    const { verifications, users } = collections(world.db)
    const identity = world.auth0.signUp({ email: address() })
    await world.signups.notify({ tenant: 'aesthetic', identity, signedUpAt: '2025-03-04T05:06:07.000Z' })

    const status = await eventually('the signup waits', async () => {
      const seen = await world.reader.status(world.idOf(identity))
      return seen?.stage === 'waiting-for-verification' && seen
    })
    expect(status.problem).toBeNull()
    expect(await verifications.findOne({ _id: identity })).toEqual({ _id: identity, count: 0 })
    const user = await users.findOne({ _id: identity })
    expect(user).toEqual({ _id: identity, code: status.code, when: new Date('2025-03-04T05:06:07.000Z') })
    expect(isUserCode(user?.code) && user.code).toMatch(/^ac25/)
  })

  it('ends with one account whose stored password logs in', async () => {
    const { verifications, users } = collections(world.db)
    const email = address()
    const identity = world.auth0.signUp({ email })
    await world.signups.notify({ tenant: 'aesthetic', identity, signedUpAt: new Date().toISOString() })
    world.auth0.verifyEmail(identity)
    await world.signups.notify({ tenant: 'aesthetic', identity, hint: 'emailVerified' })

    const status = await eventually('it completes', async () => {
      const seen = await world.reader.status(world.idOf(identity))
      return seen?.stage === 'completed' && seen
    })
    expect(await verifications.findOne({ _id: identity })).toEqual({ _id: identity, count: 1 })
    const user = await users.findOne({ _id: identity })
    expect(user?.atproto).toMatchObject({ did: status.did, handle: status.handle })
    const password = world.keyring.open(user?.atproto?.password ?? '', {
      collection: 'users',
      person: identity,
      field: 'atproto.password',
    })
    const agent = new AtpAgent({ service: world.env['PDS_URL'] ?? '' })
    const session = await agent.login({ identifier: email, password })
    expect(session.data.did).toBe(status.did)
  })
})
