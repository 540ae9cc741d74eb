import { SYSTEMS, type System } from './systems.ts'

/** Lower-case hex HMAC-SHA256 under `HOLDFAST_ID_KEY`; handed in, because this room knows no crypto. */
export type IdentityHash = (identity: string) => string

export interface SignupId {
  readonly system: System
  readonly tenant: string
  /** The identity, or the hash of it when the identity holds an e-mail address. */
  readonly identity: string
}

const OF_PERSON = /^(?:delete|sync-handle)\/([^/]+)\/([^/]+)\/(.+)$/
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
  return `signup/${system}/${tenant}/${nameInId(identity, hash)}`
}

/** How an identity appears in an id. */
export function nameInId(identity: string, hash: IdentityHash): string {
  return identity.includes('@') ? hash(identity) : identity
}

/** The inverse of `signupWorkflowId`; null for an id of another kind. */
export function parseSignupWorkflowId(workflowId: string): SignupId | null {
  return personIn(SIGNUP, workflowId)
}

/** Whom a deletion or a handle's sync is of, as its id names them; null for an id of another kind. */
export function parsePersonRunId(workflowId: string): SignupId | null {
  return personIn(OF_PERSON, workflowId)
}

function personIn(pattern: RegExp, workflowId: string): SignupId | null {
  const [, system, tenant, identity] = pattern.exec(workflowId) ?? []
  const known = SYSTEMS.find((name) => name === system)
  if (known === undefined || tenant === undefined || identity === undefined) return null
  return { system: known, tenant, identity }
}

/**
 * How an identity is shown where it stands in clear, given the id of its workflow: itself, or the hash that id holds.
 * A workflow that was started by hand under another id has no hash to show.
 */
export function shownIdentity(identity: string, workflowId: string): string {
  if (!identity.includes('@')) return identity
  const named = parseSignupWorkflowId(workflowId)?.identity
  return named === undefined || named.includes('@') ? '<e-mail>' : named
}

/** Reads a tenant's log and users; one at a time for each tenant. */
export function catchUpWorkflowId(system: System, tenant: string): string {
  return `catch-up/${system}/${tenant}`
}

/** The schedule that starts a tenant's catch-up; Temporal adds the time to the id of each run it starts. */
export function catchUpScheduleId(system: System, tenant: string): string {
  return `${system}-${tenant}-catch-up`
}

/** The inverse: whose catch-up a schedule is named for; null for a name of another kind. */
export function tenantOfCatchUpSchedule(system: System, scheduleId: string): string | null {
  const [before, after] = [`${system}-`, '-catch-up']
  const named = scheduleId.startsWith(before) && scheduleId.endsWith(after)
  return named ? scheduleId.slice(before.length, -after.length) || null : null
}

/** Passes on a chunk of a large delivery. Named by its content, so that the same chunk sent again joins the run there is. */
export function ingestWorkflowId(system: System, tenant: string, digest: string): string {
  return `ingest/${system}/${tenant}/${digest}`
}

/** What deletes one person everywhere; named by the hash, since it outlives what it deletes. */
export function deleteWorkflowId(
  system: System,
  tenant: string,
  identity: string,
  hash: IdentityHash,
): string {
  return `delete/${system}/${tenant}/${hash(identity)}`
}

/** What makes the account's handle follow the application's. */
export function syncHandleWorkflowId(
  system: System,
  tenant: string,
  identity: string,
  hash: IdentityHash,
): string {
  return `sync-handle/${system}/${tenant}/${nameInId(identity, hash)}`
}

export function watchHandlesWorkflowId(system: System): string {
  return `watch-handles/${system}`
}

export function auditWorkflowId(system: System, uuid: string): string {
  return `audit/${system}/${uuid}`
}

export function backfillWorkflowId(system: System, uuid: string): string {
  return `backfill/${system}/${uuid}`
}

/** What a backfill or an audit is called by: the last part of its id, or the whole of one somebody chose. */
export function runName(workflowId: string): string {
  const [, name] = /^(?:audit|backfill)\/[^/]+\/(.+)$/.exec(workflowId) ?? []
  return name ?? workflowId
}
