import { z } from 'zod'
import { faultChanges } from '../faults.ts'
import type { Tenant } from '../tenant.ts'
import type { App } from '../web.ts'
import { newApp, readBody } from '../web.ts'

const limit = z.strictObject({ calls: z.int().nonnegative(), perSeconds: z.int().positive() })
const limits = z.strictObject({
  readUsers: limit.optional(),
  writeUsers: limit.optional(),
  readLogs: limit.optional(),
  other: limit.optional(),
})

/**
 * `/_faults` as described in ../faults.ts, `POST /_faults/limits {"readLogs":{"calls":100,"perSeconds":60}}`, and
 * `/_state`.
 */
export function faultRoutes(tenant: Tenant): App {
  const app = newApp()

  app.get('/_faults', (c) => c.json(tenant.faults.current()))

  app.post('/_faults', async (c) => {
    tenant.faults.set(await readBody(c, faultChanges))
    return c.json(tenant.faults.current())
  })

  app.delete('/_faults', (c) => {
    tenant.faults.clear()
    return c.json({})
  })

  app.post('/_faults/limits', async (c) => {
    tenant.limits.set(await readBody(c, limits))
    return c.body(null, 204)
  })

  app.get('/_state', (c) =>
    c.json({
      tenant: tenant.options.tenant,
      users: tenant.users.size,
      logs: tenant.logs.all().length,
      streams: Array.from(tenant.streams.values(), ({ id, status }) => ({
        id,
        status,
        ...tenant.health(id),
      })),
    }),
  )

  return app
}
