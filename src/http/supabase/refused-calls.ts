import type { AlertFinding } from '../../contracts/alerts.ts'
import { createTokenRefusals, type TokenRefusals } from '../token-refusals.ts'

const WINDOW_MS = 60 * 60_000

export interface RefusedCalls {
  /** A request to the database webhook with a wrong token. */
  webhook(): void
  /** A call of an auth hook without a valid signature. */
  hook(): void
  findings(): AlertFinding[]
}

/**
 * Counts calls that could not be authenticated. A hook's are answered all the same, so a single one is an alert, for an
 * hour; a webhook's are, where they are many.
 */
export function createRefusedCalls(now: () => number = Date.now): RefusedCalls {
  const tokens: TokenRefusals = createTokenRefusals(['webhook'], now)
  let hooks = { count: 0, since: 0, last: 0 }
  return {
    webhook: () => tokens.record('webhook'),
    hook() {
      if (hooks.count === 0 || now() - hooks.last > WINDOW_MS) hooks = { count: 0, since: now(), last: 0 }
      hooks = { ...hooks, count: hooks.count + 1, last: now() }
    },
    findings() {
      const recent = hooks.count > 0 && now() - hooks.last <= WINDOW_MS
      const detail = { refused: String(hooks.count) }
      const since = new Date(hooks.since).toISOString()
      return [
        ...tokens.findings(),
        ...(recent ? [{ name: 'tokens-refused' as const, about: 'hook', count: 0, since, detail }] : []),
      ]
    },
  }
}
