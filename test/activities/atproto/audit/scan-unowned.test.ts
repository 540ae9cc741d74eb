import { MockActivityEnvironment } from '@temporalio/testing'
import { expect, it } from 'vitest'
import { scanUnowned, type UnownedScanDeps } from '../../../../src/activities/atproto/audit/scan-unowned.ts'

/** The findings about an account that no user record names, with which these unverified people are remembered. */
async function foundOf(owners: readonly string[]): Promise<string[]> {
  const did = 'did:plc:a'
  const account = { did, handle: 'a.test', address: null, createdAt: new Date(0), state: 'active' }
  const found: string[] = []
  const toAll = (value: object) => Promise.resolve(new Map(owners.map((owner) => [owner, value])))
  const deps = {
    graceMs: 0,
    waitDays: 60,
    handleDomain: '.test',
    addressHash: (address: string) => address,
    pdsListing: { accountInfos: () => Promise.resolve([{ ...account, email: null, deactivated: false }]) },
    applicationRecords: { dids: () => Promise.resolve([]), load: () => Promise.resolve(new Map()) },
    auditSnapshot: {
      dids: () => Promise.resolve([did]),
      accounts: () => Promise.resolve(new Map([[did, account]])),
      identities: () => toAll({ verified: false }),
    },
    personMemory: {
      reserveHandles: () => Promise.resolve(),
      ownersOf: () => Promise.resolve(new Map([[did, owners]])),
      loadMany: () => toAll({ account: { did, handle: 'a.test', proof: 'created' } }),
    },
    findings: {
      add: (_: string, all: readonly { kind: string }[]) => {
        found.push(...all.map(({ kind }) => kind))
        return Promise.resolve()
      },
    },
  } as unknown as UnownedScanDeps
  const scope = { tenant: null, since: null, id: null, last: null }
  const environment = new MockActivityEnvironment()
  await environment.run(() => scanUnowned(deps, { auditId: 'an-audit', scope, scheduled: true }))
  return found
}

it('T7: an account that no record names is unowned where several unverified people are remembered with it', async () => {
  expect(await foundOf(['auth0|a'])).toEqual([])
  expect(await foundOf(['auth0|a', 'auth0|b'])).toEqual(['account-unowned'])
})
