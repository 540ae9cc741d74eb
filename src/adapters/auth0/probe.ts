import { randomBytes } from 'node:crypto'
import { OutsideError } from '../../domain/outside-error.ts'
import { boundedFetch } from '../bounded-fetch.ts'
import { stringField, type Auth0Answer, type Auth0RawClient } from './raw-client.ts'
import { successBody } from './setup.ts'

/** The database connection of a new tenant; people sign up in it unless the tenant was reconfigured. */
const CONNECTION = 'Username-Password-Authentication'
const ANSWER_MS = 10_000

/** Creates and deletes one marked user. Fails as `Auth0Setup` does, with Auth0's answer. */
export interface Auth0Probe {
  /** Returns Auth0's id of the new, unverified user. No mail is sent. */
  make(userId: string, email: string): Promise<string>
  /** Opens a verification link, as the person would. */
  verify(id: string): Promise<void>
  isVerified(id: string): Promise<boolean>
  remove(id: string): Promise<void>
}

export function createAuth0Probe({ call }: Auth0RawClient): Auth0Probe {
  return {
    async make(userId, email) {
      const body = {
        connection: CONNECTION,
        user_id: userId,
        email,
        email_verified: false,
        verify_email: false,
        password: `${randomBytes(24).toString('base64url')}aA1!`,
        app_metadata: { holdfast_probe: true },
      }
      const id = stringField(allowed(await call('POST', 'users', body), 'create:users'), 'user_id')
      if (id === null) throw new Error('Auth0 created a user but did not return its id')
      return id
    },

    async verify(id) {
      const made = allowed(
        await call('POST', 'tickets/email-verification', { user_id: id }),
        'create:user_tickets',
      )
      const link = stringField(made, 'ticket')
      if (link === null) throw new Error('Auth0 created a ticket without a link')
      const limit = { signal: AbortSignal.timeout(ANSWER_MS) }
      const answer = await boundedFetch(link, limit, { redirect: 'manual' })
      if (answer.status >= 400) throw new Error(`the verification link answers HTTP ${answer.status}`)
    },

    async isVerified(id) {
      const path = `users/${encodeURIComponent(id)}?fields=email_verified&include_fields=true`
      const user = allowed(await call('GET', path), 'read:users')
      return typeof user === 'object' && user !== null && Reflect.get(user, 'email_verified') === true
    },

    async remove(id) {
      allowed(await call('DELETE', `users/${encodeURIComponent(id)}`), 'delete:users')
    },
  }
}

/** The body of a successful response; a refusal names the missing scope. */
function allowed(answer: Auth0Answer, scope: string): unknown {
  if (answer.status !== 403) return successBody(answer)
  const detail = { answer: `HTTP 403, ${scope}` }
  throw new OutsideError('auth0-denied', `Auth0 denies the request: the scope ${scope} is missing`, {
    detail,
  })
}
