import { randomBytes } from 'node:crypto'
import { OutsideError } from '../domain/outside-error.ts'
import { stringIn, type Auth0Answer, type Auth0Caller } from './auth0-call.ts'
import { good } from './auth0-setup.ts'

/** Where databases of a new tenant begin; people sign up in it unless a tenant was changed. */
const CONNECTION = 'Username-Password-Authentication'
const ANSWER_MS = 10_000

/** Makes and removes one marked user. Fails as `Auth0Setup` does, with what Auth0 answered. */
export interface Auth0Probe {
  /** Returns Auth0's id of the new, unverified user. No mail is sent. */
  make(userId: string, email: string): Promise<string>
  /** Opens a verification link, as the person would. */
  verify(id: string): Promise<void>
  isVerified(id: string): Promise<boolean>
  remove(id: string): Promise<void>
}

export function createAuth0Probe({ call }: Auth0Caller): Auth0Probe {
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
      const id = stringIn(allowed(await call('POST', 'users', body), 'create:users'), 'user_id')
      if (id === null) throw new Error('Auth0 made a user and did not say its id')
      return id
    },

    async verify(id) {
      const made = allowed(
        await call('POST', 'tickets/email-verification', { user_id: id }),
        'create:user_tickets',
      )
      const link = stringIn(made, 'ticket')
      if (link === null) throw new Error('Auth0 made a ticket without a link')
      const answer = await fetch(link, { redirect: 'manual', signal: AbortSignal.timeout(ANSWER_MS) })
      await answer.arrayBuffer()
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

/** The body of a success; a refusal names the scope that lacks. */
function allowed(answer: Auth0Answer, scope: string): unknown {
  if (answer.status !== 403) return good(answer)
  const detail = { answer: `HTTP 403, ${scope}` }
  throw new OutsideError('auth0-denied', `Auth0 denies the request: the scope ${scope} lacks`, { detail })
}
