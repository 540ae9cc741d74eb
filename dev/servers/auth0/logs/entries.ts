/**
 * The logs Auth0 writes, field by field as in its published examples. A field that is missing there is missing here
 * too, since that matters as much as its value.
 */
import { connectionOf, database } from '../connections.ts'
import type { LogFields, Ticket, User } from '../types.ts'

/** The caller. M2M callers have no user, and the `user_id` of a `sapi` is the caller, never the person concerned. */
export interface Caller {
  ip: string
  userAgent: string
  clientId: string
}

export interface ApiCall {
  method: string
  path: string
  query?: Record<string, string>
  body?: unknown
  caller: Caller
}

const origin = ({ ip, userAgent, clientId }: Caller, clientName = 'All Applications') => ({
  client_id: clientId,
  client_name: clientName,
  ip,
  user_agent: userAgent,
})

function person(user: User) {
  const { name, id, strategy, strategyType } = connectionOf(user.user_id)
  return {
    connection: name,
    connection_id: id,
    user_id: user.user_id,
    user_name: user.email,
    strategy,
    strategy_type: strategyType,
  }
}

interface Signup {
  tenant: string
  email: string
  userMetadata?: Readonly<Record<string, unknown>> | undefined
}

const signupBody = (caller: Caller, { tenant, email, userMetadata }: Signup) => ({
  client_id: caller.clientId,
  tenant,
  email,
  password: '*****',
  connection: database.name,
  ...(userMetadata === undefined ? {} : { user_metadata: userMetadata }),
})

export const signedUp = (user: User, signup: Signup, caller: Caller): LogFields => ({
  type: 'ss',
  description: '',
  ...origin(caller),
  details: { body: signupBody(caller, signup) },
  ...person(user),
})

export const signupFailed = (
  description: string,
  reason: unknown,
  signup: Signup,
  caller: Caller,
): LogFields => ({
  type: 'fs',
  description,
  ...origin(caller),
  details: { description: reason, body: signupBody(caller, signup) },
  connection: database.name,
  connection_id: database.id,
  user_id: '',
  user_name: signup.email,
  strategy: database.strategy,
  strategy_type: database.strategyType,
})

function verification(ticket: Ticket, tenant: string, caller: Caller) {
  return {
    title: 'Email Verification',
    email: ticket.email,
    body: { ticket: ticket.id, tenant },
    query: {
      email: ticket.email,
      user_id: ticket.user_id,
      tenant,
      client_id: caller.clientId,
      connection: connectionOf(ticket.user_id).name,
      idp_user_id: null,
      resultUrl: ticket.result_url ?? null,
      includeEmailInRedirect: ticket.includeEmailInRedirect ?? false,
    },
  }
}

export const verified = (user: User, ticket: Ticket, tenant: string, caller: Caller): LogFields => ({
  type: 'sv',
  description: 'Your email was verified. You can continue using the application.',
  ...origin(caller),
  details: verification(ticket, tenant, caller),
  ...person(user),
})

export const verificationFailed = (
  description: string,
  found: { ticket: Ticket; user: User | undefined } | undefined,
  tenant: string,
  caller: Caller,
): LogFields => ({
  type: 'fv',
  description,
  ...origin(caller),
  details: found
    ? verification(found.ticket, tenant, caller)
    : { title: 'Email Verification', error: description },
  user_id: found?.ticket.user_id ?? '',
  user_name: found?.user?.email ?? '',
  strategy: database.strategy,
  strategy_type: database.strategyType,
})

export const verificationMailSent = (
  user: User,
  url: string,
  jobId: string,
  tenant: string,
  caller: Caller,
): LogFields => ({
  type: 'svr',
  description: '',
  ...origin(caller, ''),
  details: {
    body: {
      job_id: jobId,
      tenant,
      to: user.email,
      email: user.email,
      user_id: user.user_id,
      verificationUrl: url,
    },
  },
  ...person(user),
})

export const emailChanged = (
  before: User,
  after: User,
  verify: boolean,
  tenant: string,
  caller: Caller,
): LogFields => ({
  type: 'sce',
  description: '',
  ...origin(caller, ''),
  details: {
    body: {
      client_id: caller.clientId,
      tenant,
      connection: connectionOf(after.user_id).name,
      user_id: after.user_id,
      email: before.email,
      newEmail: after.email,
      email_verified: String(after.email_verified),
      verify,
    },
  },
  ...person(after),
})

/** Has no e-mail: when it is read, the person is gone. */
export const deleted = (user: User, tenant: string, caller: Caller): LogFields => {
  const { user_name: _gone, ...who } = person(user)
  return {
    type: 'sdu',
    description: '',
    ip: caller.ip,
    user_agent: caller.userAgent,
    details: { body: { tenant, connection: who.connection } },
    ...who,
  }
}

export const loggedIn = (user: User, caller: Caller): LogFields => ({
  type: 's',
  description: 'Successful login',
  ...origin(caller),
  details: { prompts: [], stats: { loginsCount: user.logins_count ?? 1 } },
  ...person(user),
})

/** One entry for the whole import; it names no user. */
export const imported = (jobId: string, count: number, caller: Caller): LogFields => ({
  type: 'sui',
  description: 'Users import job completed',
  ...origin(caller, ''),
  details: { job_id: jobId, summary: { total: count, inserted: count, updated: 0, failed: 0 } },
  connection: database.name,
  connection_id: database.id,
})

export const apiUsed = (
  description: string,
  call: ApiCall,
  statusCode: number,
  body: unknown,
): LogFields => ({
  type: 'sapi',
  description,
  ...origin(call.caller, ''),
  details: {
    request: {
      method: call.method.toLowerCase(),
      path: call.path,
      query: call.query ?? {},
      userAgent: call.caller.userAgent,
      body: call.body ?? {},
      channel: 'api',
      ip: call.caller.ip,
      auth: { user: {}, strategy: 'jwt', credentials: {} },
    },
    response: { statusCode, body: body ?? {} },
  },
  user_id: `${call.caller.clientId}@clients`,
})
