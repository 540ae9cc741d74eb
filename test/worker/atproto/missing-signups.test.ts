import { describe, expect, it } from 'vitest'
import { createAuth0 } from '../../../src/adapters/auth0/auth0.ts'
import { createApplicationRecords } from '../../../src/adapters/mongo/application-records.ts'
import { createTombstones } from '../../../src/state/mongo/tombstones.ts'
import { loadAtprotoConfig } from '../../../src/config/atproto/sections.ts'
import { missingSignups } from '../../../src/worker/atproto/missing-signups.ts'
import { newPerson } from '../../support/people.ts'
import { collections, openWorld } from '../../support/world.ts'

const MINUTE_MS = 60_000

describe('E5: signups nobody told us of', () => {
  it('are counted, since the first of them; the young, the recorded, the ignored and the deleted are not', async () => {
    const world = await openWorld()
    const [tenant] = loadAtprotoConfig(['tenants'], world.env).tenants
    if (tenant === undefined) throw new Error('no tenant')
    const people = await Promise.all(Array.from({ length: 7 }, () => newPerson(world)))
    const [lost, alsoLost, recorded, ignored, deleted, young, forced] = people.map(({ identity }) => identity)
    const minutes = new Map([
      [lost, 30],
      [alsoLost, 20],
      [recorded, 20],
      [ignored, 20],
      [deleted, 20],
      [young, 1],
      [forced, 20],
    ])
    await collections(world.db).verifications.insertOne({ _id: recorded ?? '', count: 0 })
    // Deleted with --force, while the provider still knows them.
    const tombstones = createTombstones(world.db, 'atproto', (identity) => identity)
    await tombstones.set(forced ?? '', new Date(), 'force')
    const auth0 = createAuth0(tenant)
    const at = (userId: string): Date => new Date(Date.now() - (minutes.get(userId) ?? 0) * MINUTE_MS)
    const findings = await missingSignups({
      tenant,
      stores: createApplicationRecords(world.db),
      tombstones,
      ignored: async () => new Set([ignored ?? '']),
      auth0: {
        person: (userId) => (userId === deleted ? Promise.resolve(null) : auth0.person(userId)),
        // The stand-in cannot create users in the past, so this is its list with the times these people would have.
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
