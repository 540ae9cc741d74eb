import { setTimeout as sleep } from 'node:timers/promises'
import { isLoginRefused } from '../adapters/mongo/lib/hello.ts'
import { lacksAttributes, temporalRefusal } from '../client/temporal-setup.ts'
import { ConfigError } from '../config.ts'
import {
  checkFindingNames,
  type CheckFinding,
  type CheckFindingName,
  type CheckOutcome,
  type CheckReport,
} from '../contracts/checks.ts'
import { withoutPersonal } from '../contracts/personal.ts'
import type { System } from '../contracts/systems.ts'
import { checkFinding } from '../domain/check-findings.ts'
import { OutsideError } from '../domain/outside-error.ts'
import type { Check, CheckResult } from './check.ts'

/** The limit for one check; each call inside it has a shorter one. */
const LIMIT_MS = 20_000

interface CheckRun {
  readonly outcome: CheckOutcome
  readonly findings: readonly CheckFinding[]
  readonly notices: readonly CheckFinding[]
}

/** Runs checks in parallel, each within its limit. A check that fails is a finding, and the others continue. */
export async function runChecks(
  system: System,
  checks: readonly Check[],
  limitMs = LIMIT_MS,
): Promise<CheckReport> {
  const ran = await Promise.all(checks.map((check) => runOne(system, check, limitMs)))
  const findings = withoutConsequences(unique(ran.flatMap((one) => one.findings)))
  return {
    ok: findings.length === 0,
    findings,
    notices: unique(ran.flatMap((one) => one.notices)),
    checks: ran.map(({ outcome }) => outcome),
  }
}

async function runOne(system: System, { name, run }: Check, limitMs: number): Promise<CheckRun> {
  const began = performance.now()
  const limit = new AbortController()
  const late = async (): Promise<CheckResult> => {
    await sleep(limitMs, undefined, { signal: limit.signal })
    const seconds = String(Math.round(limitMs / 1_000))
    return { findings: [checkFinding(system, 'check-timed-out', { check: name, seconds })] }
  }
  let result: CheckResult = {}
  let skipped: string | null = null
  try {
    result = await Promise.race([run(), late()])
  } catch (error) {
    if (error instanceof ConfigError) skipped = error.findings.join('; ')
    else if (lacksAttributes(error)) skipped = 'the namespace lacks search attributes that this check needs'
    else result = { findings: [findingOf(system, name, error)] }
  } finally {
    limit.abort()
  }
  const { findings = [], notices = [], facts = [] } = result
  skipped ??= result.skipped ?? null
  const ok = findings.length === 0 && skipped === null
  const ms = Math.round(performance.now() - began)
  return { outcome: { name, ok, ms, skipped, facts }, findings, notices }
}

/** The thrown error as a finding, without any text of its message that may be personal or secret. */
function findingOf(system: System, check: string, error: unknown): CheckFinding {
  if (isLoginRefused(error)) return checkFinding(system, 'mongo-login-refused')
  if (isPostgresLoginRefused(error)) return checkFinding(system, 'postgres-login-refused')
  if (error instanceof OutsideError) {
    const name = checkFindingNames(system).find((known) => known === error.problem)
    if (name !== undefined) return checkFinding(system, name, error.detail)
  }
  const refusal = temporalRefusal(error)
  if (refusal?.kind === 'unreachable') return checkFinding(system, 'temporal-unreachable')
  if (refusal?.kind === 'denied')
    return checkFinding(system, 'temporal-denied', { answer: withoutPersonal(refusal.answer) })
  if (refusal?.kind === 'namespace-missing') return checkFinding(system, 'temporal-namespace-missing')
  const answer = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return checkFinding(system, 'check-failed', { check, answer: withoutPersonal(answer) })
}

/** Several checks meet an unavailable dependency, which is reported as one finding. */
function unique(findings: readonly CheckFinding[]): CheckFinding[] {
  return [...new Map(findings.map((finding) => [`${finding.name} ${finding.sentence}`, finding])).values()]
}

/**
 * The consequences of each cause: a refused login closes MongoDB's connections, so parallel checks get no answer; every
 * check of tables that are missing, or of another version, is refused.
 */
const CONSEQUENCES: Partial<Record<CheckFindingName, CheckFindingName>> = {
  'mongo-login-refused': 'mongo-unreachable',
  'state-outdated': 'postgres-refused',
  'state-too-new': 'postgres-refused',
  'state-altered': 'postgres-refused',
}

function withoutConsequences(findings: CheckFinding[]): CheckFinding[] {
  const consequences = new Set(findings.flatMap(({ name }) => CONSEQUENCES[name] ?? []))
  return findings.filter(({ name }) => !consequences.has(name))
}

function isPostgresLoginRefused(error: unknown): boolean {
  return (
    error instanceof OutsideError &&
    error.problem === 'postgres-denied' &&
    error.detail['login'] !== undefined
  )
}
