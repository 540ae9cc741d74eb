import { configOf } from '../atproto/config.ts'
import { createAuth0 } from '../../adapters/auth0/auth0.ts'
import { createHeldActions } from '../../state/mongo/safety-limits.ts'
import { createApplicationRecords } from '../../adapters/mongo/application-records.ts'
import { createTombstones, type Tombstones } from '../../state/mongo/tombstones.ts'
import { tenantOfIdentity } from '../../config/atproto/tenants.ts'
import type { SignupStatus } from '../../contracts/signup.ts'
import { createIdHash } from '../../crypto/keyring.ts'
import { deletionTime } from '../../domain/atproto/deletion.ts'
import { deletionSentence, heldDeletionSentence, undeleteCommand } from '../../domain/deletion-text.ts'
import { currentStatus } from '../../domain/atproto/current-status.ts'
import { queryStore } from '../../why/query-store.ts'
import type { CommandResult } from './command.ts'
import type { CommandContext } from './context.ts'
import { outcomeResult } from './wait-until-idle.ts'

export function tombstonesOf(context: CommandContext): Tombstones {
  return createTombstones(context.mongo().db, context.system, createIdHash(context.config('keys').keys.id))
}

/** The sentence about a deleted person's tombstone, which is all that is left of them. Null where there is none. */
export async function deletionOf(context: CommandContext, id: string): Promise<string | null> {
  const tombstone = await tombstonesOf(context).find(id)
  return tombstone === null ? null : deletionSentence(id, tombstone)
}

/** The same, but also null for a person whom the provider has created again since: their records can be repaired. */
export async function currentDeletion(context: CommandContext, id: string): Promise<string | null> {
  const tombstone = await tombstonesOf(context).find(id)
  if (tombstone === null) return null
  const tenant = tenantOfIdentity(configOf(context, 'tenants').tenants, id)
  const person =
    tenant === undefined ? null : await createAuth0(tenant).person(id.slice(tenant.idPrefix.length))
  if (deletionTime(tombstone, person?.createdAt ?? null) === null) return null
  const again =
    person === null ? '' : ` To let the person sign up again: ${undeleteCommand(context.system, id)}`
  return `${deletionSentence(id, tombstone)}${again}`
}

/** Adds a notice where the safety limit holds the person's deletion. */
export async function withHeldDeletion(
  context: CommandContext,
  id: string,
  status: SignupStatus,
): Promise<SignupStatus> {
  const held = await queryStore(context.system, async () => {
    const person = createIdHash(context.config('keys').keys.id)(id)
    const brakes = createHeldActions(context.mongo().db, context.system)
    return brakes.heldSince('deletions', person)
  })
  if (!held.asked || held.value === null) return status
  return { ...status, notices: [...status.notices, heldDeletionSentence(context.system, held.value, false)] }
}

/**
 * Adds the reason to a signup that ended as `deleted`, since there was nobody to sign up. Every other status is
 * unchanged.
 */
export async function withDeletionReason(
  context: CommandContext,
  id: string,
  status: SignupStatus,
): Promise<SignupStatus> {
  if (status.stage !== 'deleted') return status
  return { ...status, notices: [...status.notices, await whyDeleted(context, id, status.tenant)] }
}

/**
 * The result of a command that started a signup; without a person to sign up it says that, and not that they were
 * deleted.
 */
export async function startedResult(
  context: CommandContext,
  id: string,
  status: SignupStatus,
): Promise<CommandResult> {
  if (status.stage !== 'deleted') return outcomeResult(status)
  const reason = await whyDeleted(context, id, status.tenant)
  return { ...outcomeResult({ ...status, notices: [...status.notices, reason] }), text: reason }
}

async function whyDeleted(context: CommandContext, id: string, tenant: string): Promise<string> {
  return (
    (await currentDeletion(context, id)) ??
    `No such person: Auth0 does not know '${id}' in tenant ${tenant}, so no signup can be started.`
  )
}

/**
 * Completed signups with their present records. They are shown as Temporal has them while MongoDB does not answer, and
 * for people whose identity is only known by its hash.
 */
export async function withStoredRecords(
  context: CommandContext,
  signups: readonly SignupStatus[],
): Promise<SignupStatus[]> {
  const completed = signups.filter(({ stage, identity }) => stage === 'completed' && identity.includes('|'))
  if (completed.length === 0) return [...signups]
  const identities = completed.map(({ identity }) => identity)
  const answered = await queryStore(context.system, () =>
    Promise.all([
      createApplicationRecords(context.mongo().db).load(identities),
      tombstonesOf(context).findAll(identities),
    ]),
  )
  if (!answered.asked) return [...signups]
  const [stored, tombstones] = answered.value
  const asked = new Set(identities)
  return signups.map((status) => {
    const { identity } = status
    if (!asked.has(identity)) return status
    const tombstone = tombstones.get(identity)
    const deleted = tombstone === undefined ? null : deletionSentence(identity, tombstone)
    return currentStatus(status, stored.get(identity) ?? NO_RECORDS, deleted)
  })
}

const NO_RECORDS = { verifications: null, user: null, chosenHandle: null }
