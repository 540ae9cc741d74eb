import { z } from 'zod'
import { notFound } from '../errors.ts'
import { pageOf, pageQuery, sorted } from '../paging.ts'
import { compileQuery } from '../query.ts'
import type { Tenant } from '../tenant.ts'
import type { App, Ctx } from '../web.ts'
import { authorized, newApp, readQuery } from '../web.ts'

const checkpointQuery = z.object({
  from: z.string().regex(/^\d+$/).optional(),
  take: z.string().regex(/^\d+$/).transform(Number).pipe(z.number().min(1).max(100)).optional(),
})
const searchable = new Set(
  'log_id date type description connection connection_id client_id client_name ip user_id user_name strategy strategy_type'.split(
    ' ',
  ),
)

export function logRoutes(tenant: Tenant): App {
  const app = newApp()

  /**
   * Returns an array, and the next page in `Link`; the last page repeats its own checkpoint, to be requested again
   * later. Other parameters are ignored, since the SDK always sends some.
   */
  function checkpoint(c: Ctx) {
    const { from = '', take = 50 } = readQuery(c, checkpointQuery)
    const logs = tenant.logs.after(from, take)
    const next = logs.at(-1)?.log_id ?? from
    const at = next === '' ? '' : `&from=${next}`
    c.header('link', `<${tenant.url}/api/v2/logs?take=${take}${at}>; rel="next"`)
    const shown = tenant.faults.current().logsUnordered ? logs.toReversed() : logs
    return c.json(shown)
  }

  app.get('/logs', authorized(tenant, 'readLogs', 'read:logs'), (c) => {
    const given = c.req.query()
    if ('from' in given || 'take' in given) return checkpoint(c)
    const wish = readQuery(c, z.object(pageQuery))
    const query =
      wish.q === undefined || wish.q === ''
        ? undefined
        : compileQuery(wish.q, (field) => searchable.has(field))
    const found = tenant.logs.all().filter((log) => query?.test(log) ?? true)
    const { sort = 'date:-1' } = wish
    const byAge = sort === 'date:-1' || sort === 'log_id:-1'
    return c.json(pageOf(byAge ? found.toReversed() : sorted(found, sort), wish, 'logs'))
  })

  app.get('/logs/:id', authorized(tenant, 'readLogs', 'read:logs'), (c) => {
    const log = tenant.logs.get(c.req.param('id'))
    if (!log) throw notFound('Log not found.', 'inexistent_log')
    return c.json(log)
  })

  return app
}
