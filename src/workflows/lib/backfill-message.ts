import type { BackfillResult } from '../../contracts/backfill.ts'

/** The result in one sentence. `limit`: the most people the brake lets it change. */
export function backfillMessage(result: Omit<BackfillResult, 'message'>, limit: number): string {
  const { dryRun, refused, moved, planId, totalMissing, successful, failed, verified } = result
  switch (refused) {
    case 'plan-unknown':
      return `Refused: there is no plan ${planId} (any longer). Make one by a dry run.`
    case 'plan-moved': {
      const named = moved.slice(0, 5).map(({ identity, kind, what }) => `${kind} of ${identity} is ${what}`)
      const more = moved.length > named.length ? ', and more' : ''
      return `Refused: since plan ${planId} was made, ${named.join(', ')}${more}. Nothing was changed; look at a new plan.`
    }
    case 'brake':
      return `Refused: it would change ${people(totalMissing)}, more than the ${limit} one backfill may. Nothing was changed. If that is right, say so: --max-changes ${totalMissing}.`
    case null:
  }
  if (totalMissing === 0) return 'Nothing to repair: nothing was changed.'
  if (dryRun) {
    const braked = totalMissing > limit ? ` That is more than the ${limit} one backfill may change.` : ''
    return `Dry run: ${people(totalMissing)} would be repaired; nothing was changed.${braked}`
  }
  const trouble = failed === 0 ? '' : ` ${people(failed)} could not be.`
  const proof =
    verified === totalMissing
      ? 'verified: nothing is missing any longer.'
      : `verified: ${verified} of ${totalMissing} lack nothing any longer.`
  return `Repaired ${people(successful)};${trouble} ${proof}`
}

function people(count: number): string {
  return count === 1 ? '1 person' : `${count} people`
}
