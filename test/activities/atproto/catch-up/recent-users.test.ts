import { MockActivityEnvironment } from '@temporalio/testing'
import { afterEach, expect, it, vi } from 'vitest'
import {
  createIntakeActivities,
  type IntakeDeps,
} from '../../../../src/activities/atproto/catch-up/activities.ts'

afterEach(() => void vi.useRealTimers())

it('L3: a look for users heartbeats while Auth0 takes its time over a page', async () => {
  vi.useFakeTimers()
  const page = Promise.withResolvers<{ users: []; more: false }>()
  const deps = {
    tenantNamed: () => ({ name: 'aesthetic', auth0: { usersSince: () => page.promise } }),
    cursors: {
      load: () => Promise.resolve({ createdSince: null, verifiedSince: null }),
      advanceList: () => Promise.resolve(true),
    },
    intake: { takeListed: () => Promise.resolve(0) },
  } as unknown as IntakeDeps
  const environment = new MockActivityEnvironment()
  let beats = 0
  environment.on('heartbeat', () => (beats += 1))
  const { scanRecentUsers } = createIntakeActivities(deps)
  const looked = environment.run(() => scanRecentUsers({ tenant: 'aesthetic', list: 'created' }))
  await vi.advanceTimersByTimeAsync(60_000)
  page.resolve({ users: [], more: false })
  await expect(looked).resolves.toMatchObject({ users: 0 })
  expect(beats).toBeGreaterThan(10)
})
