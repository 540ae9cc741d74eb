import type { SignupStatus } from '../contracts/signup.ts'
import { NO_TENANT } from '../contracts/systems.ts'
import { deletionTime } from '../domain/deletion-time.ts'
import { deletionSentence, heldDeletionSentence, undeleteCommand } from '../domain/deletion-text.ts'
import { queryStore } from '../why/query-store.ts'
import { personContext, type OperationContext } from './context.ts'
import type { Tombstones } from '../state/ports/tombstones.ts'

export async function tombstonesOf(context: OperationContext): Promise<Tombstones> {
  return (await context.state()).tombstones((identity) => context.hash(identity))
}

/** The sentence about a deleted person's tombstone, which is all that is left of them. Null where there is none. */
export async function deletionOf(context: OperationContext, id: string): Promise<string | null> {
  const tombstone = await (await tombstonesOf(context)).find(id)
  return tombstone === null ? null : deletionSentence(context.system, id, tombstone)
}

/** The same, but also null for a person whom the provider has created again since: their records can be repaired. */
export async function currentDeletion(context: OperationContext, id: string): Promise<string | null> {
  const tombstone = await (await tombstonesOf(context)).find(id)
  if (tombstone === null) return null
  const person = await (await context.served.onePerson()).atProvider(id, personContext(context))
  if (deletionTime(tombstone, person?.createdAt ?? null) === null) return null
  const again =
    person === null ? '' : ` To let the person sign up again: ${undeleteCommand(context.system, id)}`
  return `${deletionSentence(context.system, id, tombstone)}${again}`
}

/** Adds a notice where the safety limit holds the person's deletion. */
export async function withHeldDeletion(
  context: OperationContext,
  id: string,
  status: SignupStatus,
): Promise<SignupStatus> {
  const held = await queryStore(context.system, async () => {
    const { heldActions } = await context.state()
    return heldActions.heldSince('deletions', context.hash(id))
  })
  if (!held.asked || held.value === null) return status
  return { ...status, notices: [...status.notices, heldDeletionSentence(context.system, held.value, false)] }
}

/**
 * Adds the reason to a signup that ended as `deleted`, since there was nobody to sign up. Every other status is
 * unchanged.
 */
export async function withDeletionReason(
  context: OperationContext,
  id: string,
  status: SignupStatus,
): Promise<SignupStatus> {
  if (status.stage !== 'deleted') return status
  return { ...status, notices: [...status.notices, await whyDeleted(context, id, status.tenant)] }
}

/** Why a signup ended as `deleted`: its person was deleted, or never existed. */
export async function whyDeleted(context: OperationContext, id: string, tenant: string): Promise<string> {
  return (
    (await currentDeletion(context, id)) ??
    `No such person: the provider does not know '${id}'${tenant === NO_TENANT ? '' : ` in tenant ${tenant}`}, so no signup can be started.`
  )
}

/**
 * Completed signups with their present records. They are shown as Temporal has them while their store does not answer,
 * and for people whose identity is only known by its hash.
 */
export async function withStoredRecords(
  context: OperationContext,
  signups: readonly SignupStatus[],
): Promise<readonly SignupStatus[]> {
  const person = await context.served.onePerson()
  if (person.currentRecords === undefined) return signups
  return person.currentRecords(signups, personContext(context), async (identities) => {
    const tombstones = await (await tombstonesOf(context)).findAll(identities)
    return new Map(
      [...tombstones].map(([identity, tombstone]) => [
        identity,
        deletionSentence(context.system, identity, tombstone),
      ]),
    )
  })
}

/** Signups without the notices that are no longer true. */
export async function withCurrentNotices(
  context: OperationContext,
): Promise<(status: SignupStatus) => Promise<SignupStatus>> {
  const person = await context.served.onePerson()
  return person.currentNotices?.(personContext(context)) ?? (async (status) => status)
}
