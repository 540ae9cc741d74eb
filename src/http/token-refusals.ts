import type { AlertFinding } from '../contracts/alerts.ts'

const WINDOW_MS = 10 * 60_000
/**
 * A provider may repeat a refused delivery. An attacker who guesses, or a token replaced on one side only, soon exceeds this.
 */
const MOST = 20

export interface TokenRefusals {
  /** Counts a request to a tenant's webhook with a wrong token. */
  record(tenant: string): void
  /** Tenants with unusually many refusals in the last ten minutes. */
  findings(): AlertFinding[]
}

/** Counts refused tokens by tenant; keeps two numbers per tenant, however many refusals there are. */
export function createTokenRefusals(tenants: readonly string[], now: () => number = Date.now): TokenRefusals {
  const windows = new Map(tenants.map((tenant) => [tenant, { since: now(), count: 0, last: 0 }]))
  return {
    record(tenant) {
      const window = windows.get(tenant)
      if (window === undefined) return
      if (now() - window.since > WINDOW_MS && window.count <= MOST)
        Object.assign(window, { since: now(), count: 0 })
      window.count += 1
      window.last = now()
    },
    findings() {
      return [...windows].flatMap(([about, window]): AlertFinding[] => {
        if (window.count > 0 && now() - window.last > WINDOW_MS) window.count = 0
        if (window.count <= MOST) return []
        const detail = { refused: String(window.count) }
        return [
          { name: 'tokens-refused', about, count: 0, since: new Date(window.since).toISOString(), detail },
        ]
      })
    },
  }
}
