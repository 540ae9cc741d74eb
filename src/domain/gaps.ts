import type { RepairBy } from '../contracts/backfill.ts'
import type { Finding, Gap, RepairMethod } from '../contracts/gaps.ts'
import { wordOf } from '../contracts/vocabulary.ts'
import type { OperatorText } from '../contracts/words.ts'

/** The sentence and the fix of a finding in its system, for the audit's page, the plan and the backfill. */
export function gapText(finding: Finding): OperatorText {
  const { system } = finding
  const { sentence, fix } = wordOf('gaps', system, finding.kind)
  return { sentence: sentence(finding, system), fix: fix(finding, system) }
}

/**
 * The one way in which a person with these repairs is repaired: by their workflow, which repairs all of their gaps,
 * where one of them needs it; by the database where that is enough. Their records are removed only where nothing else is
 * repaired: somebody who has both is repaired first, and the next audit judges again.
 */
export function repairWayOf(repairs: readonly RepairMethod[]): RepairBy | null {
  const forward = repairs.filter((repair) => repair !== 'remove')
  if (forward.length > 0) return forward.every((repair) => repair === 'database') ? 'database' : 'workflow'
  return repairs.length > 0 ? 'remove' : null
}

export function repairOf(system: string, kind: Gap): RepairMethod | null {
  return wordOf('gaps', system, kind).repair
}

/** Whether a gap needs an action, a backfill included. Gaps that need none are counted and raise no alert. */
export function needsAction(system: string, kind: Gap): boolean {
  return wordOf('gaps', system, kind).alert !== false
}

/** Whether an audit that found a gap of this kind has not passed. */
export function failsAudit(system: string, kind: Gap): boolean {
  return wordOf('gaps', system, kind).fails !== false
}
