import { token } from './ids.ts'
import type { ApiCall, Caller } from './logs/entries.ts'
import { imported } from './logs/entries.ts'
import type { NewPerson, UserPatch } from './people.ts'
import { addUser, createByApi, deleteByApi, logIn, patchByApi, signUp } from './people.ts'
import type { StreamParams } from './routes/log-streams.ts'
import { createStream } from './routes/log-streams.ts'
import type { Tenant } from './tenant.ts'
import type { LogStream, Metadata, User } from './types.ts'
import { createTicket, openTicket, ticketUrl } from './verification.ts'

export interface SignUp {
  email: string
  password?: string
  userMetadata?: Metadata
  /** Also opens the link in the verification mail. */
  verified?: boolean
}

export interface InProcessApi {
  /** Signs up and returns the user id; throws the error with which Auth0 refuses. */
  signUp(person: SignUp): string
  /** Opens a new verification link: `sv`. */
  verifyEmail(userId: string): void
  /** The link that a verification mail would contain. */
  verificationLink(userId: string): string
  /** The links of mails and tickets made so far that can still be used. */
  openLinks(userId: string): string[]
  /** `sapi` and `sce`. */
  changeEmail(userId: string, email: string, verified?: boolean): void
  patchUser(userId: string, patch: UserPatch): User
  /** `sapi` and `sdu`. */
  deleteUser(userId: string): void
  /**
   * A user who did not sign up here: one created by an administrator (`sapi`), a social provider (`s`) or an import
   * (`sui`).
   */
  createUser(person: NewPerson & { via: 'admin' | 'social' | 'import' }): string
  /** Stores people without writing a log, as if they had always been there. */
  seedUsers(people: readonly NewPerson[]): string[]
  logIn(userId: string): void
  /** Sets the address to verified without an event, as an identity provider or a migration does. */
  setEmailVerified(userId: string, verified: boolean): void
  createStream(wish: StreamParams): LogStream
  setStreamStatus(id: string, status: LogStream['status']): void
}

export function createInProcessApi(tenant: Tenant): InProcessApi {
  const caller: Caller = { ip: '127.0.0.1', userAgent: 'unknown', clientId: tenant.options.clientId }
  const call = (method: string, id: string, body?: unknown): ApiCall => ({
    method,
    path: `/api/v2/users${id === '' ? '' : `/${encodeURIComponent(id)}`}`,
    body,
    caller,
  })

  function known(userId: string): User {
    const user = tenant.users.get(userId)
    if (!user) throw new Error(`no user ${userId} in tenant ${tenant.options.tenant}`)
    return user
  }

  function verifyEmail(userId: string) {
    const { success, message } = openTicket(tenant, createTicket(tenant, { user_id: userId }).id, caller)
    if (!success) throw new Error(message)
  }

  const patchUser = (userId: string, patch: UserPatch) =>
    patchByApi(tenant, userId, patch, call('PATCH', userId, patch))

  return {
    signUp({ email, password = token(20), userMetadata, verified = false }) {
      const { user_id } = signUp(tenant, { email, password, userMetadata }, caller)
      if (verified) verifyEmail(user_id)
      return user_id
    },
    verifyEmail,
    verificationLink: (userId) => ticketUrl(tenant, createTicket(tenant, { user_id: userId }).id),
    openLinks: (userId) =>
      [...tenant.tickets.values()]
        .filter(
          (ticket) =>
            ticket.user_id === userId && !ticket.used && ticket.expires > tenant.now().toISOString(),
        )
        .map((ticket) => ticketUrl(tenant, ticket.id)),
    changeEmail: (userId, email, verified) => {
      patchUser(userId, { email, email_verified: verified })
    },
    patchUser,
    deleteUser(userId) {
      known(userId)
      deleteByApi(tenant, userId, call('DELETE', userId))
    },
    createUser({ via, ...person }) {
      if (via === 'admin') {
        const body = {
          connection: 'Username-Password-Authentication',
          email: person.email,
          email_verified: person.verified,
        }
        return createByApi(tenant, person, call('POST', '', body)).user_id
      }
      if (via === 'social') {
        const user = addUser(tenant, {
          ...person,
          verified: person.verified ?? true,
          provider: person.provider ?? 'google-oauth2',
        })
        return logIn(tenant, user, caller).user_id
      }
      const { user_id } = addUser(tenant, person)
      tenant.log(imported(`job_${token(16)}`, 1, caller))
      return user_id
    },
    seedUsers: (people) => people.map((person) => addUser(tenant, person).user_id),
    logIn(userId) {
      logIn(tenant, known(userId), caller)
    },
    setEmailVerified(userId, verified) {
      tenant.putUser({ ...known(userId), email_verified: verified, updated_at: tenant.now().toISOString() })
    },
    createStream: (wish) => createStream(tenant, wish),
    setStreamStatus(id, status) {
      const stream = tenant.streams.get(id)
      if (!stream) throw new Error(`no log stream ${id} in tenant ${tenant.options.tenant}`)
      tenant.putStream({ ...stream, status })
    },
  }
}
