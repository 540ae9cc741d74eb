import { temporalRefusal } from '../client/temporal-setup.ts'
import { checkFinding } from '../domain/check-findings.ts'
import type { CheckResult } from './check.ts'
import type { CheckContext } from './context.ts'

/** Temporal unavailable, or without our namespace, as a finding with the address and the namespace. */
export async function withTemporalFindings(
  context: CheckContext,
  look: () => Promise<CheckResult>,
): Promise<CheckResult> {
  try {
    return await look()
  } catch (error) {
    const refusal = temporalRefusal(error)
    if (refusal === null || refusal.kind === 'denied') throw error
    const { connection, namespace: name } = context.section('temporal')
    return refusal.kind === 'unreachable'
      ? {
          findings: [
            checkFinding(context.system, 'temporal-unreachable', { address: connection.address ?? '' }),
          ],
        }
      : { findings: [checkFinding(context.system, 'temporal-namespace-missing', { namespace: name })] }
  }
}
