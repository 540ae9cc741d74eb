import { createTombstones } from '../adapters/mongo/tombstones.ts'
import type { SignupStatus } from '../contracts/signup.ts'
import { createIdHash } from '../crypto/keyring.ts'
import type { CommandContext } from './context.ts'

/** Of somebody who was deleted nothing is left but the tombstone. Null where there is none. */
export async function deletionOf(context: CommandContext, id: string): Promise<string | null> {
  const { keys } = context.config('keys')
  const tombstone = await createTombstones(context.mongo().db, createIdHash(keys.id)).find(id)
  if (tombstone === null) return null
  const state = tombstone.finishedAt === null ? 'is being deleted' : 'was deleted'
  return `'${id}' ${state} as of ${tombstone.at.toISOString()}. Nothing of theirs is kept.`
}

/** A signup that ended as `deleted` had nobody to sign up; says which way. Every other is left as it is. */
export async function withReason(
  context: CommandContext,
  id: string,
  status: SignupStatus,
): Promise<SignupStatus> {
  if (status.stage !== 'deleted') return status
  const reason =
    (await deletionOf(context, id)) ??
    `Auth0 does not know '${id}' in tenant ${status.tenant}: there is nobody to sign up.`
  return { ...status, notices: [...status.notices, reason] }
}
