/**
 * What an event of the provider asks of us. `seen` and `created` say no more than that the person exists; `imported`
 * names nobody.
 */
export type ProviderEventKind =
  'signed-up' | 'email-verified' | 'email-changed' | 'deleted' | 'seen' | 'imported'

const KINDS: ReadonlyMap<string, ProviderEventKind> = new Map([
  ['ss', 'signed-up'],
  ['sv', 'email-verified'],
  ['sce', 'email-changed'],
  ['sdu', 'deleted'],
  ['s', 'seen'],
  ['sui', 'imported'],
])

/** By Auth0's code. Codes that ask for nothing are counted and let go; `sapi` has to be looked into, see below. */
export function providerEventKind(code: string): ProviderEventKind | null {
  return KINDS.get(code) ?? null
}

/** Auth0's code for a call of its Management API that succeeded. */
export const API_CALL = 'sapi'

/** A call of the Management API, as its log entry tells it. */
export interface ApiCall {
  readonly method: string
  readonly path: string
  /** The fields the call set; their values are never trusted. */
  readonly fields: readonly string[]
  /** The user the answer names; for a call that made one. */
  readonly answered: string | null
}

const USERS = /^\/api\/v2\/users\/?$/
const ONE_USER = /^\/api\/v2\/users\/([^/]+)\/?$/

/** What a call asks of us, and about whom; null for calls that concern no user's existence or address. */
export function apiCallEvent({
  method,
  path,
  fields,
  answered,
}: ApiCall): { kind: ProviderEventKind; userId: string | null } | null {
  const verb = method.toLowerCase()
  if (verb === 'post' && USERS.test(path)) {
    return answered === null ? { kind: 'imported', userId: null } : { kind: 'seen', userId: answered }
  }
  const userId = decoded(ONE_USER.exec(path)?.[1])
  if (userId === null) return null
  if (verb === 'delete') return { kind: 'deleted', userId }
  if (verb !== 'patch') return null
  // That the address changed, and when, is for an event of its own to say; this one says that a look is worth it.
  const touched = fields.some((field) => field === 'email' || field === 'email_verified')
  return { kind: touched ? 'email-verified' : 'seen', userId }
}

function decoded(part: string | undefined): string | null {
  if (part === undefined) return null
  try {
    return decodeURIComponent(part)
  } catch (error) {
    if (error instanceof URIError) return null
    throw error
  }
}
