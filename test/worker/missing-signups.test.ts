import { describe, expect, it } from 'vitest'
import { createAuth0 } from '../../src/adapters/auth0.ts'
import { createStores } from '../../src/adapters/mongo/stores.ts'
import { loadConfig } from '../../src/config.ts'
import { missingSignups } from '../../src/worker/missing-signups.ts'
import { newPerson } from '../support/people.ts'
import { collections, openWorld } from '../support/world.ts'

const MINUTE_MS = 60_000

describe('E5: signups nobody told us of', () => {
  it('are counted, since the first of them; the young, the recorded, the ignored and the deleted are not', async () => {
    const world = await openWorld()
    const [tenant] = loadConfig(['tenants'], world.env).tenants
    if (tenant === undefined) throw new Error('no tenant')
    const people = await Promise.all(Array.from({ length: 6 }, () => newPerson(world)))
    const [lost, alsoLost, recorded, ignored, deleted, young] = people.map(({ identity }) => identity)
    const minutes = new Map([
      [lost, 30],
      [alsoLost, 20],
      [recorded, 20],
      [ignored, 20],
      [deleted, 20],
      [young, 1],
    ])
    await collections(world.db).verifications.insertOne({ _id: recorded ?? '', count: 0 })
    const auth0 = createAuth0(tenant)
    const at = (userId: string): Date => new Date(Date.now() - (minutes.get(userId) ?? 0) * MINUTE_MS)
    const findings = await missingSignups({
      tenant,
      stores: createStores(world.db),
      ignored: async () => new Set([ignored ?? '']),
      auth0: {
        person: (userId) => (userId === deleted ? Promise.resolve(null) : auth0.person(userId)),
        // The stand-in has no past: its list, with the times these people would have.
        usersPage: async (slice) => {
          const page = await auth0.usersPage(slice)
          const users = page.users.map((user) => ({ ...user, createdAt: at(user.userId) }))
          return { ...page, users }
        },
      },
    })
    expect(findings).toMatchObject([{ name: 'signups-missing', about: 'aesthetic', count: 2 }])
    const age = Date.now() - Date.parse(findings[0]?.since ?? '')
    expect(Math.round(age / MINUTE_MS)).toBe(30)
  })
})
