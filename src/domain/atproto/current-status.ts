import type { SignupStatus } from '../../contracts/signup.ts'
import type { Stage } from '../../contracts/stages.ts'
import type { StoredPerson } from './gap-rules.ts'
import { shellQuoted } from '../../contracts/text/shell.ts'

/**
 * The status of a completed signup by its current records: Temporal keeps the status as it was at its end, even if the
 * records change later. `deleted`: the person's tombstone, in words; null where there is none.
 */
export function currentStatus(
  status: SignupStatus,
  stored: StoredPerson,
  deleted: string | null,
): SignupStatus {
  if (status.stage !== 'completed') return status
  const gone = { code: null, handle: null, did: null }
  if (deleted !== null) return { ...status, ...gone, stage: 'deleted', notices: [...status.notices, deleted] }
  const missing = firstMissing(stored)
  if (missing === null) return status
  const notice =
    `The signup of '${status.identity}' completed at ${status.stageSince}, but its ${missing.record} has been removed since. ` +
    `To see what each store has, and what to do: holdfast why ${status.system} ${shellQuoted(status.identity)}`
  return {
    ...status,
    ...gone,
    code: typeof stored.user?.code === 'string' ? stored.user.code : null,
    stage: missing.stage,
    notices: [...status.notices, notice],
  }
}

/** The first missing record of a completed signup, with the stage that creates it. */
function firstMissing({ verifications, user }: StoredPerson): { stage: Stage; record: string } | null {
  if (user === null && verifications === null)
    return { stage: 'recording', record: 'verification and user record' }
  if (verifications === null) return { stage: 'recording', record: 'verification record' }
  if (user === null) return { stage: 'creating-user', record: 'user record' }
  return user.did === null ? { stage: 'creating-account', record: 'account' } : null
}
