/**
 * The meaning of an event of the provider. `seen` and `created` only mean that the person exists; `imported` names
 * nobody.
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

/** By Auth0's code. Codes without a meaning for us are counted and ignored; a `sapi` has to be examined, see below. */
export function providerEventKind(code: string): ProviderEventKind | null {
  return KINDS.get(code) ?? null
}

/** Auth0's code for a call of its Management API that succeeded. */
export const API_CALL = 'sapi'

/** A call of the Management API, as its log entry describes it. */
export interface ApiCall {
  readonly method: string
  readonly path: string
  /** The fields the call set; their values are never trusted. */
  readonly fields: readonly string[]
  /** The user that the response names; for a call that created one. */
  readonly createdUserId: string | null
}

const USERS = /^\/api\/v2\/users\/?$/
const ONE_USER = /^\/api\/v2\/users\/([^/]+)\/?$/

/** The meaning of a call and the user it concerns; null for calls that do not concern a user's existence or address. */
export function apiCallEvent({
  method,
  path,
  fields,
  createdUserId,
}: ApiCall): { kind: ProviderEventKind; userId: string | null } | null {
  const verb = method.toLowerCase()
  if (verb === 'post' && USERS.test(path)) {
    return createdUserId === null
      ? { kind: 'imported', userId: null }
      : { kind: 'seen', userId: createdUserId }
  }
  const userId = decoded(ONE_USER.exec(path)?.[1])
  if (userId === null) return null
  if (verb === 'delete') return { kind: 'deleted', userId }
  if (verb !== 'patch') return null
  // Another event says that the address changed, and when; this one only means that a look-up is worthwhile.
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
