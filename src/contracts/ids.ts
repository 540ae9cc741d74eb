import { escapeForId, unescapeFromId, utf8Length } from './id-escapes.ts'
import { containsAddress } from './personal.ts'
import { NO_TENANT, systemNames, type System } from './systems.ts'

/** Lower-case hex HMAC-SHA256 under `HOLDFAST_ID_KEY`; passed in, because `contracts/` may not import crypto. */
export type IdentityHash = (identity: string) => string

export interface PersonInId {
  readonly system: System
  readonly tenant: string
  /** The identity, or the hash of it where `identityInId` gives that. */
  readonly identity: string
}

// With `s`: an identity may contain U+2028, at which a dot otherwise stops.
const OF_PERSON = /^(?:delete|sync-handle)\/([^/]+)\/([^/]+)\/(.+)$/s
const SIGNUP = /^signup\/([^/]+)\/([^/]+)\/(.+)$/s

/**
 * Most bytes of an identity in a workflow id: Temporal's SQL stores hold ids of 255 bytes, including the part before
 * it.
 */
const LONGEST_NAME = 200

/** The id of a person's only signup workflow. */
export function signupWorkflowId(
  system: System,
  tenant: string,
  identity: string,
  hash: IdentityHash,
): string {
  return `signup/${system}/${tenant}/${escapeForId(identityInId(identity, hash))}`
}

/**
 * The name of an identity in Temporal's unencrypted fields: itself, or its hash where it holds an e-mail address
 * (`samlp|acme|a@example.com`) or is too long for an id.
 */
export function identityInId(identity: string, hash: IdentityHash): string {
  const tooLong = utf8Length(escapeForId(identity)) > LONGEST_NAME
  return containsAddress(identity) || tooLong ? hash(identity) : identity
}

/** The inverse of `signupWorkflowId`; null for an id of another kind. */
export function parseSignupWorkflowId(workflowId: string): PersonInId | null {
  return personIn(SIGNUP, workflowId)
}

/** The person in the id of a deletion or a handle sync; null for an id of another kind. */
export function parsePersonWorkflowId(workflowId: string): PersonInId | null {
  return personIn(OF_PERSON, workflowId)
}

function personIn(pattern: RegExp, workflowId: string): PersonInId | null {
  const [, system, tenant, identity] = pattern.exec(workflowId) ?? []
  const known = systemNames().find((name) => name === system)
  if (known === undefined || tenant === undefined || identity === undefined) return null
  return { system: known, tenant, identity: unescapeFromId(identity) }
}

/**
 * The form of an identity to show unencrypted, given the id of its workflow: itself, or the hash in that id. A workflow
 * that was started by hand under another id has no hash to show.
 */
export function displayIdentity(identity: string, workflowId: string): string {
  if (!containsAddress(identity)) return identity
  const named = parseSignupWorkflowId(workflowId)?.identity
  return named === undefined || containsAddress(named) ? '<e-mail>' : named
}

/** The id of the workflow that reads a tenant's news; one at a time for each tenant. */
export function catchUpWorkflowId(system: System, tenant: string): string {
  return tenant === NO_TENANT ? `catch-up/${system}` : `catch-up/${system}/${tenant}`
}

/** The schedule that starts a tenant's catch-up; Temporal adds the time to the id of each run it starts. */
export function catchUpScheduleId(system: System, tenant: string): string {
  return tenant === NO_TENANT ? `${system}-catch-up` : `${system}-${tenant}-catch-up`
}

/** The inverse of `catchUpScheduleId`: the tenant in a schedule's name; null for a name of another kind. */
export function tenantOfCatchUpSchedule(system: System, scheduleId: string): string | null {
  if (scheduleId === catchUpScheduleId(system, NO_TENANT)) return NO_TENANT
  const [before, after] = [`${system}-`, '-catch-up']
  const named = scheduleId.startsWith(before) && scheduleId.endsWith(after)
  return named ? scheduleId.slice(before.length, -after.length) || null : null
}

/**
 * The id of the workflow that passes on a chunk of a large delivery. It is derived from the content, so that the same
 * chunk sent again joins the running workflow.
 */
export function ingestWorkflowId(system: System, tenant: string, digest: string): string {
  return `ingest/${system}/${tenant}/${digest}`
}

/**
 * The id of the workflow that deletes one person everywhere; it holds the hash, since it outlives the data it deletes.
 */
export function deleteWorkflowId(
  system: System,
  tenant: string,
  identity: string,
  hash: IdentityHash,
): string {
  return `delete/${system}/${tenant}/${hash(identity)}`
}

/** The id of the workflow that makes the account's handle follow the application's. */
export function syncHandleWorkflowId(
  system: System,
  tenant: string,
  identity: string,
  hash: IdentityHash,
): string {
  return `sync-handle/${system}/${tenant}/${escapeForId(identityInId(identity, hash))}`
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

/**
 * The id of the run that stands for an alert the database could not store; from the alert's `dedupKey`
 * (`holdfast/<system>/…`).
 */
export function unstoredAlertWorkflowId(dedupKey: string): string {
  return dedupKey.replace(/^holdfast\//, 'alert/')
}

/** The name of a backfill or an audit: the last part of its id, or the whole id where an operator chose it. */
export function runName(workflowId: string): string {
  const [, name] = /^(?:audit|backfill)\/[^/]+\/(.+)$/.exec(workflowId) ?? []
  return name ?? workflowId
}
