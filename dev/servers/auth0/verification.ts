import { noSuchUser } from './errors.ts'
import { token } from './ids.ts'
import type { Caller } from './logs/entries.ts'
import * as entries from './logs/entries.ts'
import type { Tenant } from './tenant.ts'
import type { Ticket } from './types.ts'

export interface TicketParams {
  user_id: string
  result_url?: string | undefined
  ttl_sec?: number | undefined
  includeEmailInRedirect?: boolean | undefined
}

export const ticketUrl = (tenant: Tenant, id: string): string =>
  `${tenant.url}/u/email-verification?ticket=${id}`

/** A link that verifies the person's present address, once. Throws the 404 for an unknown user. */
export function createTicket(tenant: Tenant, wish: TicketParams): Ticket {
  const user = tenant.users.get(wish.user_id)
  if (!user) throw noSuchUser()
  const seconds = wish.ttl_sec ?? tenant.options.ticketSeconds ?? 432_000
  const ticket: Ticket = {
    id: token(32),
    user_id: user.user_id,
    email: user.email,
    expires: new Date(tenant.now().getTime() + seconds * 1000).toISOString(),
    used: false,
    ...(wish.result_url === undefined ? {} : { result_url: wish.result_url }),
    ...(wish.includeEmailInRedirect === undefined
      ? {}
      : { includeEmailInRedirect: wish.includeEmailInRedirect }),
  }
  tenant.putTicket(ticket)
  return ticket
}

export interface TicketResult {
  success: boolean
  message: string
  ticket: Ticket | undefined
}

/**
 * Opens the link: `sv` and a verified address, or `fv` when the link was used, is too old, or is for another address.
 */
export function openTicket(tenant: Tenant, id: string, caller: Caller): TicketResult {
  const ticket = tenant.tickets.get(id)
  const user = ticket && tenant.users.get(ticket.user_id)
  const refusal =
    ticket === undefined || user === undefined
      ? 'Invalid ticket.'
      : ticket.used
        ? 'This URL can be used only once'
        : ticket.expires <= tenant.now().toISOString()
          ? 'Access expired.'
          : user.email !== ticket.email
            ? 'The email address has changed.'
            : undefined
  if (refusal !== undefined || ticket === undefined || user === undefined) {
    const message = refusal ?? 'Invalid ticket.'
    tenant.log(entries.verificationFailed(message, ticket && { ticket, user }, tenant.options.tenant, caller))
    return { success: false, message, ticket }
  }
  tenant.putTicket({ ...ticket, used: true })
  const after = tenant.putUser({ ...user, email_verified: true, updated_at: tenant.now().toISOString() })
  const log = tenant.log(entries.verified(after, ticket, tenant.options.tenant, caller))
  return { success: true, message: log.description, ticket }
}

/** `POST /api/v2/jobs/verification-email`: sends a new link and logs `svr`. */
export function sendVerificationMail(tenant: Tenant, userId: string, jobId: string, caller: Caller): Ticket {
  const ticket = createTicket(tenant, { user_id: userId })
  const user = tenant.users.get(userId)
  if (!user) throw noSuchUser()
  const url = ticketUrl(tenant, ticket.id)
  tenant.log(entries.verificationMailSent(user, url, jobId, tenant.options.tenant, caller))
  return ticket
}
