import type { SignupStatus } from '../../contracts/signup.ts'
import { isEndStage, type Stage } from '../../contracts/stages.ts'
import type { PersonFacts } from './gap-rules.ts'

/**
 * A person's stage by the stores alone, for when Temporal no longer keeps the signup or does not answer. Null for an
 * unknown person.
 */
export function stageFromStores({ provider, verifications, user, deletedAt }: PersonFacts): Stage | null {
  if (deletedAt !== null) return 'deleted'
  if (user?.did) return 'completed'
  if (provider === null) return verifications === null && user === null ? null : 'deleted'
  if (verifications === null) return 'recording'
  if (user === null || typeof user.code !== 'string' || user.code === '') return 'creating-user'
  return provider.verified ? 'creating-account' : 'waiting-for-verification'
}

/** Which of the stores that a stage depends on could be read. */
export interface StageSources {
  readonly provider: boolean
  /** The application's records. */
  readonly records: boolean
  /** Whether the person was deleted. */
  readonly deletion: boolean
}

/**
 * A person's stage: by a signup in flight, or else by the stores, or else by the signup that ended. Null where that
 * depends on a store that could not be read: an empty answer and a missing one are different things.
 */
export function currentStage(
  status: Pick<SignupStatus, 'stage' | 'problem'> | null,
  facts: PersonFacts,
  read: StageSources,
): Stage | null {
  if (status !== null && (!isEndStage(status.stage) || status.problem !== null)) return status.stage
  const stage = endedStage(status?.stage ?? null, facts, read)
  // Without a tombstone, it is enough that the provider and the stores have nobody.
  return read.deletion || stage === 'deleted' ? stage : null
}

function endedStage(ended: Stage | null, facts: PersonFacts, read: StageSources): Stage | null {
  const { verifications, user, deletedAt } = facts
  const hasRecords = verifications !== null || user !== null
  // A person created after their tombstone is another one; without the provider's date, their records leave that
  // undecided.
  if (deletedAt !== null) return read.provider || (read.records && !hasRecords) ? 'deleted' : null
  if (!read.records) return ended
  if (user?.did) return 'completed'
  if (ended === 'completed' && !hasRecords && facts.provider === null) return 'deleted'
  if (!read.provider) return hasRecords ? null : ended
  const byStores = stageFromStores(facts)
  if (ended === 'expired' && byStores === 'waiting-for-verification') return ended
  return byStores ?? ended
}
