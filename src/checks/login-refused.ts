import { isLoginRefused } from '../adapters/mongo/setup.ts'
import { checkFinding } from '../domain/check-findings.ts'
import type { CheckResult } from './check.ts'

/** A login that fails is told apart from a right that lacks. */
export async function orLoginRefused(look: () => Promise<CheckResult>): Promise<CheckResult> {
  try {
    return await look()
  } catch (error) {
    if (isLoginRefused(error)) return { findings: [checkFinding('mongo-login-refused')] }
    throw error
  }
}
