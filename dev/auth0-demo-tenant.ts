import { randomBytes } from 'node:crypto'
import {
  createAuth0RawClient,
  stringField,
  type Auth0Answer,
  type Auth0Credentials,
} from '../src/adapters/auth0/raw-client.ts'
import { UsageError } from '../src/errors.ts'
import type { DemoTenant } from './stories/demo-people.ts'

const CONNECTION = 'Username-Password-Authentication'

/**
 * People of a tenant at Auth0 itself, by its Management API. The application needs read:users, create:users and
 * update:users; a refusal is thrown with Auth0's answer.
 */
export function auth0DemoTenant(tenant: Auth0Credentials): DemoTenant {
  const auth0 = createAuth0RawClient(tenant)
  return {
    async find(email) {
      const query = new URLSearchParams({ email })
      const { body } = done(await auth0.call('GET', `users-by-email?${query.toString()}`), 'read:users')
      const [known]: unknown[] = Array.isArray(body) ? body : []
      const userId = stringField(known, 'user_id')
      return userId === null ? null : { userId, verified: isVerified(known) }
    },
    async signUp(email) {
      const password = `${randomBytes(24).toString('base64url')}aA1!`
      const person = { connection: CONNECTION, email, password, email_verified: false, verify_email: false }
      const { body } = done(await auth0.call('POST', 'users', person), 'create:users')
      const userId = stringField(body, 'user_id')
      if (userId === null) throw new Error('Auth0 created a user but did not return its id')
      return userId
    },
    async verify(userId) {
      const path = `users/${encodeURIComponent(userId)}`
      done(await auth0.call('PATCH', path, { email_verified: true }), 'update:users')
    },
  }
}

function done(answer: Auth0Answer, scope: string): Auth0Answer {
  if (answer.status >= 200 && answer.status < 300) return answer
  const said = stringField(answer.body, 'message') ?? 'no reason given'
  throw new UsageError(`Auth0 answers ${answer.status}: ${said}. The demonstration needs the scope ${scope}.`)
}

function isVerified(user: unknown): boolean {
  return typeof user === 'object' && user !== null && Reflect.get(user, 'email_verified') === true
}
