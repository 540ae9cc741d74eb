import type { SignupStatus } from '../contracts/signup.ts'
import type { PersonRef } from '../contracts/systems.ts'
import type { OperationContext } from './context.ts'
import {
  withCurrentNotices,
  withDeletionReason,
  withHeldDeletion,
  withStoredRecords,
} from './deletion-notices.ts'

/** One signup with the person's present records; null where Temporal has none of them. */
export async function signupStatus(
  context: OperationContext,
  { tenant, identity }: PersonRef,
): Promise<SignupStatus | null> {
  const { workflowIdOf } = await context.signups()
  const status = await (await context.reader()).status(workflowIdOf({ tenant, identity }))
  if (status === null) return null
  const current = await (await withCurrentNotices(context))(status)
  const [now = current] = await withStoredRecords(context, [current])
  return withHeldDeletion(
    context,
    identity,
    now === current ? await withDeletionReason(context, identity, current) : now,
  )
}
