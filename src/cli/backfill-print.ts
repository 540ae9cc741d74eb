import pc from 'picocolors'
import type { BackfillResult } from '../contracts/backfill.ts'
import type { Finding } from '../contracts/gaps.ts'
import { findingsTable } from './audit-print.ts'
import { table } from './print.ts'

/** What a plan would change: how many of which kind, and who. */
export function planText({ planId, digest, skipped }: BackfillResult, changes: readonly Finding[]): string {
  const kinds = new Map<string, number>()
  for (const { kind } of changes) kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
  const left = skipped === 0 ? [] : [`${skipped} more findings need a decision: holdfast audit atproto`]
  return [
    `Plan ${pc.bold(planId)}, digest ${digest.slice(0, 16)}`,
    table(
      ['WOULD REPAIR', 'PEOPLE'],
      [...kinds].map(([kind, count]) => [kind, String(count)]),
    ),
    findingsTable(changes),
    ...left,
  ].join('\n\n')
}

/** How a backfill ended. */
export function backfillText(result: BackfillResult, changes: readonly Finding[]): string {
  const { dryRun, refused, message, failures, moved, planId, totalMissing, backfillId } = result
  const parts = dryRun && totalMissing > 0 ? [planText(result, changes)] : []
  parts.push(refused === null ? message : pc.red(message))
  if (moved.length > 0)
    parts.push(
      table(
        ['WHO', 'GAP', 'SINCE THE PLAN'],
        moved.map((move) => [move.identity, move.kind, move.what]),
      ),
    )
  if (failures.length > 0) {
    parts.push(
      table(
        ['WHO', 'PROBLEM', 'WHAT TO DO'],
        failures.map(({ identity, problem, sentence, fix }) => [
          identity,
          pc.red(problem),
          `${sentence} ${fix}`.trim(),
        ]),
      ),
    )
  }
  if (dryRun && totalMissing > 0)
    parts.push(`To apply exactly this: holdfast backfill atproto --plan ${planId} --fix`)
  if (!dryRun && refused === null && totalMissing > 0) parts.push(`Run ${backfillId}, plan ${planId}`)
  return parts.join('\n\n')
}
