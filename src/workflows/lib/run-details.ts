import type { AuditProgress, AuditResult } from '../../contracts/audit.ts'
import type { BackfillProgress, BackfillResult, RunWait } from '../../contracts/backfill.ts'
import { withoutPersonal } from '../../contracts/personal.ts'
import { withCommandsAsCode } from '../../domain/text/commands-in-text.ts'
import { isProblemName } from '../../contracts/problems.ts'
import { moreDetails } from './more.ts'

/** Audits and backfills in the Temporal UI, as current details. Markdown. */
export function scanDetails({ step, done, total }: AuditProgress): string {
  return `**${step}** (step ${Math.min(done + 1, Math.max(total, 1))} of ${Math.max(total, 1)})`
}

export function auditDetails({
  counts,
  gaps,
  ignored,
  young,
  inProgress,
  pass,
  notices,
}: AuditResult): string {
  const found = Object.entries(gaps).map(([kind, count]) => `- ${kind}: ${count}`)
  return [
    pass ? '**Pass**: nothing is missing' : '**Findings**',
    ...found,
    '',
    ...Object.entries(counts).map(([store, count]) => `${store}: ${count}`),
    ...(ignored === 0 ? [] : [`ignored: ${ignored}`]),
    ...(young + inProgress === 0
      ? []
      : [`not checked yet: ${young} within the grace period, ${inProgress} in progress`]),
    ...notices.map((notice) => withCommandsAsCode(notice)),
    '',
    ...moreDetails(Object.keys(gaps)),
  ].join('\n')
}

export function repairDetails({
  phase,
  scan,
  paused,
  waitsFor,
  total,
  done,
  failed,
  rate,
  etaSeconds,
}: BackfillProgress): string {
  if (scan !== null) return paused ? `**Paused**, before: ${scanDetails(scan)}` : scanDetails(scan)
  const stands = paused || waitsFor !== null
  const state = paused ? 'Paused' : waitsFor === null ? PHASES[phase] : 'Waiting'
  const lines = [
    phase === 'planning' ? `**${state}**` : `**${state}**: ${done + failed} of ${total} people`,
    ...(waitsFor === null ? [] : [waitText(waitsFor)]),
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(rate === null || etaSeconds === null || stands
      ? []
      : [`${rate.toFixed(1)} a second, ${etaSeconds} s to go`]),
  ]
  return lines.join('\n\n')
}

const PHASES: Readonly<Record<BackfillProgress['phase'], string>> = {
  scanning: 'Scanning',
  planning: 'Creating the plan',
  repairing: 'Repairing',
  removing: 'Removing',
  verifying: 'Verifying',
  done: 'Done',
}

function waitText({ problem, sentence, fix, since }: RunWait): string {
  return withoutPersonal(`${problem} since ${since}: ${sentence} ${withCommandsAsCode(fix)}`)
}

export function backfillDetails({ message, planId, digest, failures }: BackfillResult): string {
  return withoutPersonal(
    [
      `**${message}**`,
      `Plan \`${planId}\`, digest \`${digest.slice(0, 12)}\``,
      ...failures.map(
        ({ identity, problem, fix }) => `- \`${identity}\`: ${problem}. ${withCommandsAsCode(fix)}`,
      ),
      ...moreDetails(failures.map(({ problem }) => problem).filter(isProblemName)),
    ].join('\n\n'),
  )
}
