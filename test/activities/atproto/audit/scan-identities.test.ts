import { MockActivityEnvironment } from '@temporalio/testing'
import { expect, it } from 'vitest'
import {
  scanIdentities,
  type IdentityScanDeps,
} from '../../../../src/activities/atproto/audit/scan-identities.ts'
import {
  MAX_LIST_RESULTS,
  LIST_PAGE_SIZE,
  type Auth0Listing,
} from '../../../../src/adapters/auth0/listing.ts'

it('the last people past the cap of a query are as many as asked for, none of them counted twice', async () => {
  const newest = Date.parse('2026-01-01T00:00:00.000Z')
  const people = Array.from({ length: 2_500 }, (_, age) => ({
    userId: `auth0|${age}`,
    email: null,
    emailVerified: false,
    createdAt: new Date(newest - age * 1_000),
  }))
  const usersPage: Auth0Listing['usersPage'] = ({ until, page }) => {
    const slice = people
      .filter(({ createdAt }) => until === null || createdAt <= until)
      .slice(0, MAX_LIST_RESULTS)
    const users = slice.slice(page * LIST_PAGE_SIZE, (page + 1) * LIST_PAGE_SIZE)
    return Promise.resolve({ users, total: people.length })
  }
  const listed = new Set<string>()
  const deps = {
    tombstones: { findAll: () => Promise.resolve(new Map()) },
    addressHash: (address: string) => address,
    auditSnapshot: {
      addIdentities: (_audit: string, page: readonly { identity: string }[]) => {
        for (const { identity } of page) listed.add(identity)
        return Promise.resolve()
      },
    },
  } as unknown as IdentityScanDeps
  const tenant = { name: 'aesthetic', idPrefix: '', auth0: { usersPage } as never }
  const scope = { tenant: null, since: null, id: null, last: 1_500 }

  const environment = new MockActivityEnvironment()
  await environment.run(() => scanIdentities(deps, { auditId: 'an-audit', scope }, tenant))
  expect(listed.size).toBeGreaterThanOrEqual(1_500)
})
