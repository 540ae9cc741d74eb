import type { Finding, Gap, RepairMethod } from '../contracts/gaps.ts'
import { wordOf } from '../contracts/vocabulary.ts'
import type { OperatorText } from '../contracts/words.ts'

/** The sentence and the fix of a finding in its system, for the audit's page, the plan and the backfill. */
export function gapText(finding: Finding): OperatorText {
  const { system } = finding
  const { sentence, fix } = wordOf('gaps', system, finding.kind)
  return { sentence: sentence(finding, system), fix: fix(finding, system) }
}

export function repairOf(system: string, kind: Gap): RepairMethod | null {
  return wordOf('gaps', system, kind).repair
}

/** Whether a gap needs an action, a backfill included. Gaps that need none are counted and raise no alert. */
export function needsAction(system: string, kind: Gap): boolean {
  return wordOf('gaps', system, kind).alert !== false
}
