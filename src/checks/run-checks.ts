import { setTimeout as sleep } from 'node:timers/promises'
import { temporalRefusal } from '../client/temporal-setup.ts'
import { ConfigError } from '../config.ts'
import {
  CHECK_FINDINGS,
  type CheckFinding,
  type CheckOutcome,
  type CheckReport,
} from '../contracts/checks.ts'
import { withoutPersonal } from '../contracts/personal.ts'
import { checkFinding } from '../domain/check-findings.ts'
import { OutsideError } from '../domain/outside-error.ts'
import type { Check, CheckResult } from './check.ts'

/** For one check; each call inside it ends sooner. */
const LIMIT_MS = 20_000

interface Ran {
  readonly outcome: CheckOutcome
  readonly findings: readonly CheckFinding[]
  readonly notices: readonly CheckFinding[]
}

/** Runs checks side by side, each within its time. One that fails is a finding, and the others go on. */
export async function runChecks(checks: readonly Check[], limitMs = LIMIT_MS): Promise<CheckReport> {
  const ran = await Promise.all(checks.map((check) => runOne(check, limitMs)))
  const findings = unique(ran.flatMap((one) => one.findings))
  return {
    ok: findings.length === 0,
    findings,
    notices: unique(ran.flatMap((one) => one.notices)),
    checks: ran.map(({ outcome }) => outcome),
  }
}

async function runOne({ name, run }: Check, limitMs: number): Promise<Ran> {
  const began = performance.now()
  const limit = new AbortController()
  const late = async (): Promise<CheckResult> => {
    await sleep(limitMs, undefined, { signal: limit.signal })
    const seconds = String(Math.round(limitMs / 1_000))
    return { findings: [checkFinding('check-timed-out', { check: name, seconds })] }
  }
  let result: CheckResult = {}
  let skipped: string | null = null
  try {
    result = await Promise.race([run(), late()])
  } catch (error) {
    if (error instanceof ConfigError) skipped = error.findings.join('; ')
    else result = { findings: [findingOf(name, error)] }
  } finally {
    limit.abort()
  }
  const { findings = [], notices = [], facts = [] } = result
  const ok = findings.length === 0 && skipped === null
  const ms = Math.round(performance.now() - began)
  return { outcome: { name, ok, ms, skipped, facts }, findings, notices }
}

/** What was thrown, as a finding; never with what may be personal or secret in its words. */
function findingOf(check: string, error: unknown): CheckFinding {
  if (error instanceof OutsideError) {
    const name = CHECK_FINDINGS.find((known) => known === error.problem)
    if (name !== undefined) return checkFinding(name, error.detail)
  }
  const refusal = temporalRefusal(error)
  if (refusal?.kind === 'unreachable') return checkFinding('temporal-unreachable')
  if (refusal?.kind === 'denied')
    return checkFinding('temporal-denied', { answer: withoutPersonal(refusal.answer) })
  if (refusal?.kind === 'namespace-missing') return checkFinding('temporal-namespace-missing')
  const answer = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return checkFinding('check-failed', { check, answer: withoutPersonal(answer) })
}

/** A dependency that is away is met by several checks and is one finding. */
function unique(findings: readonly CheckFinding[]): CheckFinding[] {
  return [...new Map(findings.map((finding) => [`${finding.name} ${finding.sentence}`, finding])).values()]
}
