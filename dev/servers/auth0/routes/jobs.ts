import { gzipSync } from 'node:zlib'
import { z } from 'zod'
import { database } from '../connections.ts'
import { badBody, notFound } from '../errors.ts'
import { field } from '../fields.ts'
import { token } from '../ids.ts'
import { apiUsed } from '../logs/entries.ts'
import type { Tenant } from '../tenant.ts'
import type { User } from '../types.ts'
import { createTicket, sendVerificationMail, ticketUrl } from '../verification.ts'
import type { App } from '../web.ts'
import { callOf, authorized, newApp, readBody } from '../web.ts'

const linkMs = 60_000

const ticketBody = z.strictObject({
  user_id: z.string(),
  result_url: z.url().optional(),
  ttl_sec: z.int().nonnegative().optional(),
  includeEmailInRedirect: z.boolean().optional(),
  client_id: z.string().optional(),
})
const mailBody = z.strictObject({ user_id: z.string(), client_id: z.string().optional() })
const exportBody = z.strictObject({
  connection_id: z.string().optional(),
  format: z.enum(['json', 'csv']).optional(),
  limit: z.int().positive().optional(),
  fields: z.array(z.strictObject({ name: z.string(), export_as: z.string().optional() })).optional(),
})

type ExportParams = z.infer<typeof exportBody>
type Job = Record<string, unknown> & { id: string }

function exported(user: User, fields: ExportParams['fields']): object {
  if (!fields) return user
  return Object.fromEntries(
    fields.flatMap(({ name, export_as }) => (name in user ? [[export_as ?? name, field(user, name)]] : [])),
  )
}

/**
 * Tickets, mails and exports. An export contains what the search index shows when the job is created (it lags as the
 * list does). Its location serves gzipped NDJSON, `application/gzip`, for 60 seconds; each `GET /jobs/{id}` returns a
 * new link.
 */
export function jobRoutes(tenant: Tenant): App {
  const app = newApp()
  const jobs = new Map<string, { job: Job; lines?: () => string }>()

  app.post('/tickets/email-verification', authorized(tenant, 'other', 'create:user_tickets'), async (c) => {
    const body = await readBody(c, ticketBody)
    const answer = { ticket: ticketUrl(tenant, createTicket(tenant, body).id) }
    tenant.log(apiUsed('Create an email verification ticket', callOf(c, tenant, body), 201, answer))
    return c.json(answer, 201)
  })

  app.post('/jobs/verification-email', authorized(tenant, 'writeUsers', 'update:users'), async (c) => {
    const body = await readBody(c, mailBody)
    const id = `job_${token(16)}`
    const job = {
      type: 'verification_email',
      status: 'completed',
      created_at: tenant.now().toISOString(),
      id,
    }
    const call = callOf(c, tenant, body)
    sendVerificationMail(tenant, body.user_id, id, call.caller)
    jobs.set(id, { job })
    const answer = { ...job, status: 'pending' }
    tenant.log(apiUsed('Send an email address verification email', call, 201, answer))
    return c.json(answer, 201)
  })

  app.post('/jobs/users-exports', authorized(tenant, 'readUsers', 'read:users'), async (c) => {
    const body = await readBody(c, exportBody)
    const { connection_id, format = 'json', limit, fields } = body
    if (format !== 'json') throw badBody('Only the format json is available here')
    if (connection_id !== undefined && connection_id !== database.id)
      throw notFound('The connection does not exist.', 'inexistent_connection')
    const ofConnection = (user: User) =>
      connection_id === undefined || user.identities[0]?.connection === database.name
    const users = tenant.users.indexed().filter(ofConnection).slice(0, limit)
    const id = `job_${token(16)}`
    const job: Job = {
      type: 'users_export',
      status: 'completed',
      created_at: tenant.now().toISOString(),
      id,
      format,
      ...(fields && { fields }),
    }
    jobs.set(id, {
      job,
      lines: () => users.map((user) => `${JSON.stringify(exported(user, fields))}\n`).join(''),
    })
    const answer = { ...job, status: 'pending' }
    tenant.log(apiUsed('Create job to export users', callOf(c, tenant, body), 201, answer))
    return c.json(answer, 201)
  })

  app.get('/jobs/:id', authorized(tenant, 'other', 'read:users', 'create:users'), (c) => {
    const found = jobs.get(c.req.param('id'))
    if (!found) throw notFound('The job does not exist.', 'inexistent_job')
    const { job, lines } = found
    if (!lines) return c.json(job)
    const location = `${tenant.url}/exports/${job.id}.json.gz?expires=${Date.now() + linkMs}`
    return c.json({ ...job, percentage_done: 100, location })
  })

  const files = newApp()
  files.route('/api/v2', app)
  files.get('/exports/:file', (c) => {
    const lines = jobs.get(c.req.param('file').replace(/\.json\.gz$/, ''))?.lines
    if (!lines || Date.now() >= Number(c.req.query('expires'))) {
      return c.body('<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>', 403, {
        'content-type': 'application/xml',
      })
    }
    return c.body(new Uint8Array(gzipSync(lines())), 200, { 'content-type': 'application/gzip' })
  })
  return files
}
