import { temporalRefusal } from '../client/temporal-setup.ts'
import { checkFinding } from '../domain/check-findings.ts'
import type { CheckResult } from './check.ts'
import type { CheckContext } from './context.ts'

/** Temporal away, or without our namespace, as a finding that says what was asked where. */
export async function orTemporalRefused(
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
      ? { findings: [checkFinding('temporal-unreachable', { address: connection.address ?? '' })] }
      : { findings: [checkFinding('temporal-namespace-missing', { namespace: name })] }
  }
}
