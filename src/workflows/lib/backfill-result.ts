import type { BackfillCarry, BackfillResult, PlanChange, PlanSummary } from '../../contracts/backfill.ts'
import { runName } from '../../contracts/ids.ts'
import type { BackfillRequest } from '../../domain/run-input.ts'
import { backfillLimit } from '../../domain/safety-limit.ts'
import { backfillMessage } from './backfill-message.ts'

/** How a backfill ended, beside the counts of its repairs. */
export interface BackfillEnd {
  readonly notices: readonly string[]
  readonly refused?: BackfillResult['refused']
  readonly moved?: readonly PlanChange[]
  readonly verified?: number
}

export function backfillResult(
  workflowId: string,
  { system, fix, maxChanges }: BackfillRequest,
  plan: PlanSummary,
  { done, failed, removed = 0, failures }: Pick<BackfillCarry, 'done' | 'failed' | 'removed' | 'failures'>,
  { notices, refused = null, moved: planChanges = [], verified = 0 }: BackfillEnd,
): BackfillResult {
  const outcome: Omit<BackfillResult, 'message'> = {
    backfillId: runName(workflowId),
    dryRun: !fix,
    planId: plan.planId,
    digest: plan.digest,
    totalMissing: plan.people,
    processed: done + failed,
    successful: done,
    failed,
    skipped: plan.skipped,
    ...(plan.skippedKinds === undefined ? {} : { skippedKinds: plan.skippedKinds }),
    verified,
    removals: plan.removals ?? 0,
    removed,
    removable: plan.removable ?? 0,
    notices,
    refused,
    planChanges,
    failures,
  }
  const limit = backfillLimit(plan.population, maxChanges ?? undefined)
  return { ...outcome, message: backfillMessage(system, outcome, limit) }
}
