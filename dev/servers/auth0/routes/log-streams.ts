import { z } from 'zod'
import { notFound } from '../errors.ts'
import { isCategory } from '../logs/filters.ts'
import { token } from '../ids.ts'
import { apiUsed } from '../logs/entries.ts'
import type { Tenant } from '../tenant.ts'
import type { LogStream } from '../types.ts'
import type { App } from '../web.ts'
import { callOf, authorized, newApp, readBody } from '../web.ts'

const filters = z
  .array(z.strictObject({ type: z.literal('category'), name: z.string().refine(isCategory) }))
  .optional()
const piiConfig = z
  .strictObject({
    log_fields: z.array(z.enum(['first_name', 'last_name', 'username', 'email', 'phone', 'address'])).min(1),
    method: z.enum(['mask', 'hash']).optional(),
    algorithm: z.literal('xxhash').optional(),
  })
  .optional()
const sink = z.strictObject({
  httpEndpoint: z.url(),
  httpAuthorization: z.string().optional(),
  httpContentType: z.string().optional(),
  httpContentFormat: z.enum(['JSONLINES', 'JSONARRAY', 'JSONOBJECT']).optional(),
  httpCustomHeaders: z.array(z.strictObject({ header: z.string(), value: z.string() })).optional(),
})
const createBody = z.strictObject({
  name: z.string().optional(),
  type: z.literal('http'),
  isPriority: z.boolean().optional(),
  filters,
  pii_config: piiConfig,
  sink,
  startFrom: z.iso.datetime({ offset: true }).optional(),
})
const patchBody = z.strictObject({
  name: z.string().optional(),
  status: z.enum(['active', 'paused']).optional(),
  isPriority: z.boolean().optional(),
  filters,
  pii_config: piiConfig,
  sink: sink.partial().optional(),
})

export type StreamParams = z.infer<typeof createBody>

/**
 * `startFrom` only counts at the creation of a stream: the logs since then that the retention still has are delivered
 * first.
 */
export function createStream(tenant: Tenant, wish: StreamParams): LogStream {
  const stream: LogStream = {
    id: `lst_${token(16)}`,
    name: wish.name ?? 'http',
    type: 'http',
    status: 'active',
    isPriority: wish.isPriority ?? false,
    filters: wish.filters ?? [],
    ...(wish.pii_config ? { pii_config: wish.pii_config } : {}),
    sink: wish.sink,
  }
  tenant.putStream(stream, wish.startFrom === undefined ? [] : tenant.logs.since(new Date(wish.startFrom)))
  return stream
}

export function logStreamRoutes(tenant: Tenant): App {
  const app = newApp()
  const read = authorized(tenant, 'other', 'read:log_streams')

  function known(id: string): LogStream {
    const stream = tenant.streams.get(id)
    if (!stream) throw notFound('The log stream does not exist.', 'inexistent_log_stream')
    return stream
  }

  app.get('/log-streams', read, (c) => c.json([...tenant.streams.values()]))

  app.get('/log-streams/:id', read, (c) => c.json(known(c.req.param('id'))))

  app.post('/log-streams', authorized(tenant, 'other', 'create:log_streams'), async (c) => {
    const body = await readBody(c, createBody)
    const stream = createStream(tenant, body)
    tenant.log(apiUsed('Create a log stream', callOf(c, tenant, body), 200, stream))
    return c.json(stream)
  })

  app.patch('/log-streams/:id', authorized(tenant, 'other', 'update:log_streams'), async (c) => {
    const before = known(c.req.param('id'))
    const { sink: sinkPatch, ...body } = await readBody(c, patchBody)
    const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined))
    const suspended = before.status === 'suspended' ? { status: before.status } : {}
    const sinkGiven = Object.fromEntries(
      Object.entries(sinkPatch ?? {}).filter(([, value]) => value !== undefined),
    )
    const stream: LogStream = { ...before, ...given, ...suspended, sink: { ...before.sink, ...sinkGiven } }
    tenant.putStream(stream)
    tenant.log(apiUsed('Update a log stream', callOf(c, tenant, body), 200, stream))
    return c.json(stream)
  })

  app.delete('/log-streams/:id', authorized(tenant, 'other', 'delete:log_streams'), (c) => {
    const { id } = known(c.req.param('id'))
    tenant.removeStream(id)
    tenant.log(apiUsed('Delete log stream', callOf(c, tenant), 204, undefined))
    return c.body(null, 204)
  })

  return app
}
