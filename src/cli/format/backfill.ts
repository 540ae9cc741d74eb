import type { System } from '../../contracts/systems.ts'
import pc from 'picocolors'
import type { BackfillResult } from '../../contracts/backfill.ts'
import { isProblemName } from '../../contracts/problems.ts'
import type { Finding } from '../../contracts/gaps.ts'
import { printableIn } from '../../domain/text/printable.ts'
import { findingsTable } from './audit.ts'
import { moreLine } from './more.ts'
import { identityCell, table } from './print.ts'

/** The changes a plan would make: the count of each kind, and the people. */
export function planText(
  system: System,
  { planId, digest, skipped }: BackfillResult,
  changes: readonly Finding[],
): string {
  const isRemoval = ({ repair }: Finding): boolean => repair === 'remove'
  const [removals, repairs] = [changes.filter(isRemoval), changes.filter((change) => !isRemoval(change))]
  const left =
    skipped === 0 ? [] : [`Findings that need a decision: ${skipped}. To see them: holdfast audit ${system}`]
  return [
    `Plan ${pc.bold(planId)}, digest ${digest.slice(0, 16)}`,
    ...kindsTable('WOULD REPAIR', repairs),
    ...kindsTable('WOULD REMOVE THE RECORDS OF', removals),
    findingsTable(changes),
    ...moreLine([...new Set(changes.map(({ kind }) => kind))]),
    ...left,
  ].join('\n\n')
}

function kindsTable(heading: string, changes: readonly Finding[]): string[] {
  const kinds = new Map<string, number>()
  for (const { kind } of changes) kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
  if (kinds.size === 0) return []
  return [
    table(
      [heading, 'PEOPLE'],
      [...kinds].map(([kind, count]) => [kind, String(count)]),
    ),
  ]
}

/** The result of a backfill. */
export function backfillText(system: System, result: BackfillResult, changes: readonly Finding[]): string {
  const { dryRun, refused, message, failures, planChanges, planId, totalMissing, removals, backfillId } =
    printableIn(result)
  // The message counts the skipped people.
  const parts = dryRun && totalMissing > 0 ? [planText(system, { ...result, skipped: 0 }, changes)] : []
  parts.push(refused === null ? message : pc.red(message))
  if (planChanges.length > 0)
    parts.push(
      table(
        ['PERSON', 'GAP', 'SINCE THE PLAN'],
        planChanges.map((move) => [identityCell(move.identity), move.kind, move.what]),
      ),
    )
  if (failures.length > 0) {
    parts.push(
      table(
        ['PERSON', 'PROBLEM', 'WHAT TO DO'],
        failures.map(({ identity, problem, sentence, fix }) => [
          identityCell(identity),
          pc.red(problem),
          `${sentence} ${fix}`.trim(),
        ]),
      ),
      ...moreLine(failures.map(({ problem }) => problem).filter(isProblemName)),
    )
  }
  if (dryRun && totalMissing > 0)
    parts.push(
      `To apply exactly this plan: holdfast backfill ${system} --plan ${planId} --fix${removals > 0 ? ' --remove' : ''}`,
    )
  if (!dryRun && refused === null && totalMissing > 0) parts.push(`Run ${backfillId}, plan ${planId}`)
  return parts.join('\n\n')
}
