import { z } from 'zod'
import { issueToken } from '../access-token.ts'
import { signUp } from '../people.ts'
import type { Tenant } from '../tenant.ts'
import { openTicket } from '../verification.ts'
import type { App, Ctx } from '../web.ts'
import { callerOf, newApp, readBody } from '../web.ts'

const signupBody = z.object({
  client_id: z.string().min(1),
  connection: z.string().min(1),
  email: z.string().regex(/^[^\s@]+@[^\s@]+$/),
  password: z.string(),
  username: z.string().optional(),
  user_metadata: z.record(z.string(), z.unknown()).optional(),
})

async function credentials(c: Ctx): Promise<Record<string, unknown>> {
  const isForm = c.req.header('content-type')?.startsWith('application/x-www-form-urlencoded')
  if (isForm) return Object.fromEntries(new URLSearchParams(await c.req.text()))
  return readBody(c, z.record(z.string(), z.unknown()))
}

/** Tokens, signups, and the links of verification mails. */
export function authenticationRoutes(tenant: Tenant): App {
  const app = newApp()
  const { clientId, clientSecret } = tenant.options

  app.post('/oauth/token', async (c) => {
    const body = await credentials(c)
    if (body.grant_type !== 'client_credentials') {
      return c.json(
        {
          error: 'unsupported_grant_type',
          error_description: `Unsupported grant type: ${String(body.grant_type)}`,
        },
        403,
      )
    }
    if (body.client_id !== clientId || body.client_secret !== clientSecret) {
      return c.json({ error: 'access_denied', error_description: 'Unauthorized' }, 401)
    }
    return c.json({ ...issueToken(tenant.options), token_type: 'Bearer' }, 200, {
      'cache-control': 'no-store',
    })
  })

  app.post('/dbconnections/signup', async (c) => {
    const body = await readBody(c, signupBody)
    const person = { ...body, userMetadata: body.user_metadata }
    const user = signUp(tenant, person, callerOf(c, body.client_id))
    return c.json({
      _id: user.identities[0]?.user_id,
      email_verified: user.email_verified,
      email: user.email,
      ...(user.username === undefined ? {} : { username: user.username }),
      ...(user.user_metadata === undefined ? {} : { user_metadata: user.user_metadata }),
    })
  })

  app.get('/u/email-verification', (c) => {
    const { success, message, ticket } = openTicket(
      tenant,
      c.req.query('ticket') ?? '',
      callerOf(c, clientId),
    )
    const target = new URL(ticket?.result_url ?? `${tenant.url}/u/email-verification/result`)
    if (ticket?.includeEmailInRedirect) target.searchParams.set('email', ticket.email)
    target.searchParams.set('success', String(success))
    target.searchParams.set('code', success ? 'success' : 'access_expired')
    target.searchParams.set('message', message)
    return c.redirect(target.toString(), 302)
  })

  app.get('/u/email-verification/result', (c) => c.text(c.req.query('message') ?? ''))

  return app
}
