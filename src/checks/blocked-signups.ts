import { countBlocked } from '../client/blocked.ts'
import { withDeadline } from '../client/temporal.ts'
import type { CheckReport } from '../contracts/checks.ts'
import { blockedDespiteChecks } from '../domain/blocked-despite-checks.ts'
import type { Check } from './check.ts'
import type { CheckContext } from './context.ts'
import { runChecks } from './run-checks.ts'
import { withTemporalFindings } from './temporal-findings.ts'
import { loadWorkers } from './workers.ts'

/**
 * Adds to a report the problems that block signups although their checks succeed, and the worker that may be the cause.
 */
export async function withBlockedSignups(context: CheckContext, report: CheckReport): Promise<CheckReport> {
  const compared = await runChecks(context.system, [blockedCheck(context, report)])
  const findings = [...report.findings, ...compared.findings]
  return {
    ok: findings.length === 0,
    findings,
    notices: report.notices,
    checks: [...report.checks, ...compared.checks],
  }
}

function blockedCheck(context: CheckContext, { checks }: CheckReport): Check {
  return {
    name: 'blocked-signups',
    run: () =>
      withTemporalFindings(context, async () => {
        const { client } = context.temporal()
        const [blocked, { shown }] = await Promise.all([
          withDeadline(client, () => countBlocked(client, context.system, new Set())),
          loadWorkers(context),
        ])
        return {
          findings: blockedDespiteChecks(context.system, blocked, checks, shown, new Date()),
          facts: blocked.length === 0 ? ['none'] : blocked.map(({ problem, count }) => `${problem} ${count}`),
        }
      }),
  }
}
