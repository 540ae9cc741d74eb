import type { MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import type { Metrics } from './registry.ts'

/**
 * Measures each request by its route's pattern, so that no id in a path becomes a label: an address without a route is
 * `unknown`.
 */
export function measureRequests(metrics: Pick<Metrics, 'recordRequest'>): MiddlewareHandler {
  return async (c, next) => {
    const began = performance.now()
    try {
      await next()
    } finally {
      const route = matchedRoutes(c).findLast(({ path }) => !path.endsWith('*'))?.path ?? 'unknown'
      const seconds = (performance.now() - began) / 1_000
      metrics.recordRequest({ route, method: c.req.method, status: c.res.status, seconds })
    }
  }
}
