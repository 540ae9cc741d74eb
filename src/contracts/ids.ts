import { SYSTEMS, type System } from './systems.ts'

/** Lower-case hex HMAC-SHA256 under `HOLDFAST_ID_KEY`; handed in, because this room knows no crypto. */
export type IdentityHash = (identity: string) => string

export interface SignupId {
  readonly system: System
  readonly tenant: string
  /** The identity, or the hash of it when the identity holds an e-mail address. */
  readonly identity: string
}

const SIGNUP = /^signup\/([^/]+)\/([^/]+)\/(.+)$/

/**
 * The id of the one workflow that carries a person's signup. Ids stand in clear in Temporal, so an
 * identity that holds an e-mail address (`samlp|acme|a@example.com`) appears as its hash.
 */
export function signupWorkflowId(
  system: System,
  tenant: string,
  identity: string,
  hash: IdentityHash,
): string {
  return `signup/${system}/${tenant}/${identity.includes('@') ? hash(identity) : identity}`
}

/** The inverse of `signupWorkflowId`; null for an id of another kind. */
export function parseSignupWorkflowId(workflowId: string): SignupId | null {
  const [, system, tenant, identity] = SIGNUP.exec(workflowId) ?? []
  const known = SYSTEMS.find((name) => name === system)
  if (known === undefined || tenant === undefined || identity === undefined) return null
  return { system: known, tenant, identity }
}
