import { MockActivityEnvironment } from '@temporalio/testing'
import { expect, it } from 'vitest'
import type { AtprotoDeps } from '../../src/activities/atproto-deps.ts'
import { scanIdentities } from '../../src/activities/atproto-scan-identities.ts'
import { LIST_CAP, LIST_PAGE, type Auth0Listing } from '../../src/adapters/auth0-listing.ts'

it('the last people past the cap of a query are as many as asked for, none of them counted twice', async () => {
  const newest = Date.parse('2026-01-01T00:00:00.000Z')
  const people = Array.from({ length: 2_500 }, (_, age) => ({
    userId: `auth0|${age}`,
    email: null,
    emailVerified: false,
    createdAt: new Date(newest - age * 1_000),
  }))
  const usersPage: Auth0Listing['usersPage'] = ({ until, page }) => {
    const slice = people.filter(({ createdAt }) => until === null || createdAt <= until).slice(0, LIST_CAP)
    const users = slice.slice(page * LIST_PAGE, (page + 1) * LIST_PAGE)
    return Promise.resolve({ users, total: people.length })
  }
  const listed = new Set<string>()
  const deps = {
    addressHash: (address: string) => address,
    audits: {
      addIdentities: (_audit: string, page: readonly { identity: string }[]) => {
        for (const { identity } of page) listed.add(identity)
        return Promise.resolve()
      },
    },
  } as unknown as AtprotoDeps
  const tenant = { name: 'aesthetic', idPrefix: '', auth0: { usersPage } as never }
  const scope = { tenant: null, since: null, id: null, last: 1_500 }

  const environment = new MockActivityEnvironment()
  await environment.run(() => scanIdentities(deps, { auditId: 'an-audit', scope }, tenant))
  expect(listed.size).toBeGreaterThanOrEqual(1_500)
})
