import { createHash } from 'node:crypto'
import type { Connection } from './connections.ts'
import { database, socialConnection } from './connections.ts'
import { ApiError, noSuchUser, SignupError } from './errors.ts'
import type { ApiCall, Caller } from './logs/entries.ts'
import * as entries from './logs/entries.ts'
import type { Tenant } from './tenant.ts'
import type { Metadata, User } from './types.ts'

const SHORTEST_PASSWORD = 8

export interface NewPerson {
  email: string
  verified?: boolean | undefined
  userMetadata?: Metadata | undefined
  appMetadata?: Metadata | undefined
  username?: string | undefined
  /** The part of the id after `auth0|`. */
  id?: string | undefined
  createdAt?: Date | undefined
  /** `google-oauth2` and the like; a database user by default. */
  provider?: string | undefined
}

export interface UserPatch {
  email?: string | undefined
  email_verified?: boolean | undefined
  verify_email?: boolean | undefined
  name?: string | undefined
  nickname?: string | undefined
  username?: string | undefined
  blocked?: boolean | undefined
  user_metadata?: Metadata | undefined
  app_metadata?: Metadata | undefined
}

function isTaken(tenant: Tenant, email: string, connection: string, butBy?: string): boolean {
  return tenant.users
    .byEmail(email)
    .some((user) => user.user_id !== butBy && user.identities[0]?.connection === connection)
}

/** Stores a person and writes no log: the caller logs the person's origin. */
export function addUser(tenant: Tenant, person: NewPerson): User {
  const at = person.createdAt ?? tenant.now()
  const connection: Connection = person.provider === undefined ? database : socialConnection(person.provider)
  const email = connection.social ? person.email : person.email.toLowerCase()
  const id = person.id ?? tenant.nextId(at)
  const avatar = createHash('md5').update(email).digest('hex')
  return tenant.putUser({
    created_at: at.toISOString(),
    email,
    email_verified: person.verified ?? false,
    identities: [
      {
        connection: connection.name,
        user_id: id,
        provider: connection.strategy,
        isSocial: connection.social,
      },
    ],
    name: email,
    nickname: email.replace(/@.*$/, ''),
    picture: `https://avatars.example.com/${avatar}.png`,
    updated_at: at.toISOString(),
    user_id: `${connection.strategy}|${id}`,
    ...(person.userMetadata === undefined ? {} : { user_metadata: person.userMetadata }),
    ...(person.appMetadata === undefined ? {} : { app_metadata: person.appMetadata }),
    ...(person.username === undefined ? {} : { username: person.username }),
  })
}

/** `POST /dbconnections/signup`. For a taken address or a weak password it logs `fs` and throws Auth0's error. */
export function signUp(tenant: Tenant, person: NewPerson & { password: string }, caller: Caller): User {
  const signup = { tenant: tenant.options.tenant, email: person.email, userMetadata: person.userMetadata }
  const weak = weakness(person.password)
  if (weak) {
    tenant.log(entries.signupFailed('Password is too weak', weak, signup, caller))
    throw new SignupError('invalid_password', weak, 'Password is too weak', 'PasswordStrengthError')
  }
  if (isTaken(tenant, person.email, database.name)) {
    tenant.log(entries.signupFailed('The user already exists.', 'The user already exists.', signup, caller))
    throw new SignupError('invalid_signup', 'Invalid sign up', 'Invalid sign up')
  }
  const user = addUser(tenant, person)
  tenant.log(entries.signedUp(user, signup, caller))
  return user
}

/** `POST /api/v2/users`: creating a person as an administrator logs no `ss`. */
export function createByApi(tenant: Tenant, person: NewPerson, call: ApiCall): User {
  if (isTaken(tenant, person.email, database.name)) {
    throw new ApiError(409, 'The user already exists.', { errorCode: 'auth0_idp_error' })
  }
  const user = addUser(tenant, person)
  tenant.log(entries.apiUsed('Create a User', call, 201, user))
  return user
}

/** The first login through a social provider creates the user and logs `s`, but no `ss`. */
export function logIn(tenant: Tenant, user: User, caller: Caller): User {
  const at = tenant.now().toISOString()
  const logins = (user.logins_count ?? 0) + 1
  const seen = tenant.putUser({
    ...user,
    last_login: at,
    updated_at: at,
    last_ip: caller.ip,
    logins_count: logins,
  })
  tenant.log(entries.loggedIn(seen, caller))
  return seen
}

/** Root keys are merged; a null value removes its key. */
function merged(old: Metadata | undefined, change: Metadata | undefined): Metadata | undefined {
  if (change === undefined) return old
  return Object.fromEntries(Object.entries({ ...old, ...change }).filter(([, value]) => value !== null))
}

/**
 * `PATCH /api/v2/users/{id}`: logs `sapi`, and `sce` where the address changed; the new address then counts as
 * unverified.
 */
export function patchByApi(tenant: Tenant, id: string, patch: UserPatch, call: ApiCall): User {
  const before = tenant.users.get(id)
  if (!before) throw noSuchUser()
  const { verify_email, email: wanted, user_metadata, app_metadata, ...plain } = patch
  const email = wanted?.toLowerCase() ?? before.email
  const moved = email !== before.email
  if (moved && isTaken(tenant, email, before.identities[0]?.connection ?? '', id)) {
    throw new ApiError(400, 'The specified new email already exists', { errorCode: 'auth0_idp_error' })
  }
  const userMetadata = merged(before.user_metadata, user_metadata)
  const appMetadata = merged(before.app_metadata, app_metadata)
  const given = Object.entries(plain).filter(([, value]) => value !== undefined)
  const after = tenant.putUser({
    ...before,
    ...(moved ? { email_verified: false, name: before.name === before.email ? email : before.name } : {}),
    ...(Object.fromEntries(given) as Partial<User>),
    email,
    updated_at: tenant.now().toISOString(),
    ...(userMetadata === undefined ? {} : { user_metadata: userMetadata }),
    ...(appMetadata === undefined ? {} : { app_metadata: appMetadata }),
  })
  tenant.log(entries.apiUsed('Update a User', call, 200, after))
  if (moved)
    tenant.log(entries.emailChanged(before, after, verify_email ?? false, tenant.options.tenant, call.caller))
  return after
}

/** `DELETE /api/v2/users/{id}`: succeeds without an error for an unknown user, as at Auth0. */
export function deleteByApi(tenant: Tenant, id: string, call: ApiCall): void {
  const user = tenant.users.get(id)
  if (!user) return
  tenant.removeUser(id)
  tenant.log(entries.apiUsed('Delete a User', call, 204, undefined))
  tenant.log(entries.deleted(user, tenant.options.tenant, call.caller))
}

/** Auth0's error for a password that is too short; undefined for an accepted password. */
function weakness(password: string): object | undefined {
  if (password.length >= SHORTEST_PASSWORD) return undefined
  const rule = {
    message: 'At least %d characters in length',
    format: [SHORTEST_PASSWORD],
    code: 'lengthAtLeast',
    verified: false,
  }
  return { rules: [rule], verified: false }
}
