import { expect, it } from 'vitest'
import { dedupKey } from '../../../src/domain/alerts.ts'
import { catchUpLag } from '../../../src/worker/health/catch-up-lag.ts'

const cursors = {
  load: () =>
    Promise.resolve({
      lastEventAt: null,
      readAt: null,
      caughtUpAt: new Date(Date.now() - 3_600_000),
      gap: null,
    }),
}

it('a late catch-up is about its tenant, and about nothing in a system without tenants', async () => {
  const [ofTenant, ofNone] = [await catchUpLag('aesthetic', cursors, 15), await catchUpLag('-', cursors, 15)]
  expect(ofTenant).toMatchObject([{ name: 'catch-up-behind', about: 'aesthetic' }])
  expect(ofNone).toMatchObject([{ name: 'catch-up-behind' }])
  for (const finding of ofNone) {
    expect(finding).not.toHaveProperty('about')
    expect(dedupKey('supabase', finding)).toBe('holdfast/supabase/catch-up-behind')
  }
})
