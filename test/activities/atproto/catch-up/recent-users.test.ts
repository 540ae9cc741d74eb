import { MockActivityEnvironment } from '@temporalio/testing'
import { afterEach, expect, it, vi } from 'vitest'
import type { SourceDeps } from '../../../../src/activities/atproto/catch-up/log-page.ts'
import { createAtprotoSources } from '../../../../src/activities/atproto/catch-up/sources.ts'
import { createCatchUpActivities, type CatchUpDeps } from '../../../../src/activities/catch-up.ts'

afterEach(() => void vi.useRealTimers())

it('L3: a look for users heartbeats while Auth0 takes its time over a page', async () => {
  vi.useFakeTimers()
  const page = Promise.withResolvers<{ users: []; more: false }>()
  const deps = {
    tenantNamed: () => ({ name: 'aesthetic', auth0: { usersSince: () => page.promise } }),
    cursors: {
      load: () => Promise.resolve({ lastEventAt: null, gap: null }),
      place: () => Promise.resolve(null),
      advance: () => Promise.resolve(true),
    },
    takeListedUsers: () => Promise.resolve(0),
  } as unknown as SourceDeps & CatchUpDeps
  const environment = new MockActivityEnvironment()
  let beats = 0
  environment.on('heartbeat', () => (beats += 1))
  const { readSource } = createCatchUpActivities({ ...deps, sources: createAtprotoSources(deps) })
  const looked = environment.run(() => readSource({ tenant: 'aesthetic', source: 'created', first: true }))
  await vi.advanceTimersByTimeAsync(60_000)
  page.resolve({ users: [], more: false })
  await expect(looked).resolves.toMatchObject({ counts: { foundInLists: 0 }, caughtUp: true })
  expect(beats).toBeGreaterThan(10)
})
