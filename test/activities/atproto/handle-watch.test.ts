import { MockActivityEnvironment } from '@temporalio/testing'
import { describe, expect, it } from 'vitest'
import {
  createHandleWatchActivities,
  type HandleWatchDeps,
} from '../../../src/activities/atproto/handle-watch.ts'

const OURS = 'sotce-auth0|1'
const NOBODYS = 'former-auth0|1'

/** Returns one batch of changes, after which the stream ends; `asked` are the people whose handles are synced. */
function follower({ hasNoHistory }: { hasNoHistory: boolean }) {
  const asked: string[] = []
  let kept = 0
  const batches: (string[] | null)[] = [hasNoHistory ? [] : [NOBODYS, OURS], null]
  const pairs = [NOBODYS, OURS].map((identity) => ({
    identity,
    code: 'ac26abcde',
    chosenHandle: null,
    accountHandle: 'x',
  }))
  const deps = {
    handleDomain: 'at.example.test',
    ownerOf: (identity: string) => (identity.startsWith('sotce-') ? { name: 'sotce' } : null),
    tenantOf: (identity: string) => {
      if (!identity.startsWith('sotce-')) throw new Error('no configured tenant owns this identity')
      return { name: 'sotce' }
    },
    handleSyncs: {
      requestSync: ({ identity }: { identity: string }) => Promise.resolve(asked.push(identity)),
    },
    handleChanges: {
      follow: () =>
        Promise.resolve({
          hasNoHistory,
          next: () => Promise.resolve(batches.shift() ?? null),
          saveResumeToken: () => Promise.resolve((kept += 1)),
          close: () => Promise.resolve(),
        }),
      withAccount: (identities: readonly string[]) => Promise.resolve([...identities]),
      pairsPage: (after: string | null) => Promise.resolve(after === null ? pairs : []),
    },
  } as unknown as HandleWatchDeps
  const { watchHandleChanges } = createHandleWatchActivities(deps, new AbortController().signal)
  return { follow: () => new MockActivityEnvironment().run(watchHandleChanges), asked, kept: () => kept }
}

describe('M2: a person of a tenant that is not configured', () => {
  it('is counted, and the others are followed, when their handle changes', async () => {
    const { follow, asked, kept } = follower({ hasNoHistory: false })
    await expect(follow()).resolves.toEqual({ unowned: 1 })
    expect(asked).toEqual([OURS])
    expect(kept()).toBe(1) // the stored position moves past the change
  })

  it('is counted, and the others are followed, when everybody is compared', async () => {
    const { follow, asked, kept } = follower({ hasNoHistory: true })
    await expect(follow()).resolves.toEqual({ unowned: 1 })
    expect(asked).toEqual([OURS])
    expect(kept()).toBeGreaterThan(0)
  })
})
