import { OutsideError } from '../../../domain/outside-error.ts'
import type { SafetyLimits } from '../../../state/ports/safety-limits.ts'

/**
 * Counts one record that is about to be restored without an operator's request. Throws `repairs-held` once more people
 * lost records within the hour than Holdfast repairs automatically; a backfill exempts them.
 */
export function createRepairAdmission(
  brakes: Pick<SafetyLimits, 'admit'>,
  hash: (identity: string) => string,
) {
  return async (identity: string, about: string): Promise<void> => {
    const admission = await brakes.admit('repairs', hash(identity), about)
    if (admission.admitted) return
    const { limit, since } = admission
    throw new OutsideError('repairs-held', 'automatic repairs exceed their limit', {
      detail: { limit: String(limit), since },
    })
  }
}
