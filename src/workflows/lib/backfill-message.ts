import type { System } from '../../contracts/systems.ts'
import type { BackfillResult } from '../../contracts/backfill.ts'
import { countedPeople } from '../../contracts/text/counted.ts'

/** The result in one sentence. `limit`: the most people that the safety limit lets it change. */
export function backfillMessage(
  system: System,
  result: Omit<BackfillResult, 'message'>,
  limit: number,
): string {
  const { refused } = result
  if (refused !== null) return refusal(system, result, refused, limit)
  return outcome(system, result, limit) + leftInPlace(result) + leftToDecide(system, result)
}

function refusal(
  system: System,
  { planChanges, planId, totalMissing }: Omit<BackfillResult, 'message'>,
  refused: NonNullable<BackfillResult['refused']>,
  limit: number,
): string {
  if (refused === 'plan-unknown')
    return `Refused: plan ${planId} does not exist or has expired. Create one with a dry run.`
  if (refused === 'plan-consent')
    return (
      `Refused: one of plan ${planId} and this run has the consent to remove records (--remove), the other has not. ` +
      `Nothing was changed. Apply the plan with the options it was made with, or create another: holdfast backfill ${system}`
    )
  if (refused === 'plan-moved') {
    const named = planChanges
      .slice(0, 5)
      .map(({ identity, kind, what }) => `${kind} of ${identity} is ${what}`)
    const more = planChanges.length > named.length ? ', and more' : ''
    return `Refused: since plan ${planId} was made, ${named.join(', ')}${more}. Nothing was changed. Create a new plan with a dry run.`
  }
  return `Refused: it would change ${countedPeople(totalMissing)}, more than the limit of ${limit} for one backfill. Nothing was changed. If this is intended, add --max-changes ${totalMissing}.`
}

function outcome(system: System, result: Omit<BackfillResult, 'message'>, limit: number): string {
  const { dryRun, notices, totalMissing, successful, failed, failures, verified, removals, removed } = result
  if (totalMissing === 0 && notices.length > 0) return `${notices.join(' ')} Nothing was changed.`
  if (totalMissing === 0) return 'Nothing to repair. Nothing was changed.'
  if (dryRun) {
    const overLimit = totalMissing > limit ? ` That is more than the limit of ${limit} for one backfill.` : ''
    const would = [
      ...(totalMissing > removals ? [`${countedPeople(totalMissing - removals)} would be repaired`] : []),
      ...(removals > 0 ? [`the records of ${countedPeople(removals)} would be removed`] : []),
    ]
    return `Dry run: ${would.join(', and ')}. Nothing was changed.${overLimit}`
  }
  const unlisted = failed - failures.length
  const rest =
    unlisted <= 0
      ? ''
      : ` The first ${failures.length} are listed; to find all of them again: holdfast audit ${system}.`
  const failedText = failed === 0 ? '' : ` ${countedPeople(failed)} could not be repaired.${rest}`
  const changed = [
    ...(totalMissing > removals ? [`Repaired ${countedPeople(successful - removed)}`] : []),
    ...(removals > 0 ? [`Removed the records of ${countedPeople(removed)}`] : []),
  ]
  const proof =
    verified === totalMissing
      ? 'verified: nothing is missing.'
      : `verified: ${verified} of ${totalMissing} have complete records now.`
  return `${changed.join('. ')};${failedText} ${proof}`
}

/** The records that only the consent of an operator removes. */
function leftInPlace({ removable }: Omit<BackfillResult, 'message'>): string {
  return removable === 0 ? '' : ` The records of ${countedPeople(removable)} would be removed with --remove.`
}

/** The reason why findings were skipped, and the command that lists them for a decision. */
function leftToDecide(
  system: System,
  { skipped, skippedKinds = {} }: Omit<BackfillResult, 'message'>,
): string {
  if (skipped === 0) return ''
  const kinds = Object.entries(skippedKinds).map(([kind, count]) => `${kind} ${count}`)
  const which = kinds.length === 0 ? '' : ` (${kinds.join(', ')})`
  const are =
    skipped === 1
      ? `1 finding was skipped${which}, because it has`
      : `${skipped} findings were skipped${which}, because they have`
  return ` ${are} no safe automatic repair: an operator has to decide. To see them: holdfast audit ${system}`
}
