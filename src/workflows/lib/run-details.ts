import type { AuditProgress, AuditResult } from '../../contracts/audit.ts'
import type { BackfillProgress, BackfillResult } from '../../contracts/backfill.ts'
import { withoutPersonal } from '../../contracts/personal.ts'

/** What the Temporal UI shows of audits and backfills as current details. Markdown. */
export function scanDetails({ step, done, total }: AuditProgress): string {
  return `**${step}** (step ${Math.min(done + 1, Math.max(total, 1))} of ${Math.max(total, 1)})`
}

export function auditDetails({ counts, gaps, ignored, pass, notices }: AuditResult): string {
  const found = Object.entries(gaps).map(([kind, count]) => `- ${kind}: ${count}`)
  return [
    pass ? '**Pass**: nothing is missing' : '**Findings**',
    ...found,
    '',
    ...Object.entries(counts).map(([store, count]) => `${store}: ${count}`),
    ...(ignored === 0 ? [] : [`ignored: ${ignored}`]),
    ...notices,
  ].join('\n')
}

export function repairDetails({
  phase,
  paused,
  total,
  done,
  failed,
  rate,
  etaSeconds,
}: BackfillProgress): string {
  const lines = [
    `**${paused ? 'Paused' : phase === 'verifying' ? 'Verifying' : 'Repairing'}**: ${done + failed} of ${total} people`,
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(rate === null || etaSeconds === null || paused
      ? []
      : [`${rate.toFixed(1)} a second, ${etaSeconds} s to go`]),
  ]
  return lines.join('\n\n')
}

export function backfillDetails({ message, planId, digest, failures }: BackfillResult): string {
  return withoutPersonal(
    [
      `**${message}**`,
      `Plan \`${planId}\`, digest \`${digest.slice(0, 12)}\``,
      ...failures.map(({ identity, problem, fix }) => `- \`${identity}\`: ${problem}. ${fix}`),
    ].join('\n\n'),
  )
}
