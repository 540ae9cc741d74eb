import { MockActivityEnvironment } from '@temporalio/testing'
import { expect, it } from 'vitest'
import { scanDeleted, type DeletedScanDeps } from '../../../../src/activities/atproto/audit/scan-deleted.ts'

it('M3: documents left of deleted people are findings of the scheduled audit that found them', async () => {
  const at = new Date('2026-01-01T00:00:00.000Z')
  const added: unknown[] = []
  const deps = {
    personalData: {
      namedPeople: () =>
        Promise.resolve({ people: [{ identity: 'auth0|gone', collection: 'users' }], next: null }),
    },
    tombstones: { findAll: () => Promise.resolve(new Map([['auth0|gone', { at, finishedAt: at }]])) },
    findings: {
      add: (audit: string, found: readonly unknown[], scheduled: boolean) => {
        added.push({ audit, found: found.length, scheduled })
        return Promise.resolve()
      },
    },
    ownerOf: () => ({ name: 'aesthetic' }),
    addressHash: (address: string) => address,
  } as unknown as DeletedScanDeps
  const scope = { tenant: null, since: null, id: null, last: null }

  const environment = new MockActivityEnvironment()
  await environment.run(() => scanDeleted(deps, { auditId: 'an-audit', scope, scheduled: true }))
  expect(added).toEqual([{ audit: 'an-audit', found: 1, scheduled: true }])
})
