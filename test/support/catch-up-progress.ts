import type { CatchUpProgress } from '../../src/contracts/catch-up.ts'

/** A catch-up that found a gap in the log and is blocked. */
export const BLOCKED_CATCH_UP: CatchUpProgress = {
  system: 'atproto',
  tenant: 'aesthetic',
  events: 1,
  notified: 1,
  foundInLists: 0,
  duplicates: 0,
  ignored: 0,
  quarantined: 0,
  readUpTo: null,
  lagSeconds: 0,
  gap: { from: '2026-11-01T00:00:00.000Z', to: '2026-11-02T00:00:00.000Z' },
  problem: {
    name: 'auth0-unreachable',
    sentence: 'Auth0 does not answer.',
    fix: 'Wait.',
    since: '2026-11-29T06:55:54.000Z',
    attempts: 1,
    nextTryAt: null,
  },
}
