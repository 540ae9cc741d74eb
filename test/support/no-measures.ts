import type { Measures } from '../../src/http/metrics/connect.ts'

/** A server without anything measured. */
export const NO_MEASURES: Measures = {
  metrics: { page: async () => '', contentType: 'text/plain', recordRequest: () => {} },
  health: () => null,
}
