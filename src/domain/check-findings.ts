import type { CheckFinding, CheckFindingName } from '../contracts/checks.ts'
import { isProblemName } from '../contracts/problems.ts'
import { findWord } from '../contracts/vocabulary.ts'
import type { TextDetail } from '../contracts/words.ts'
import { problemText } from './problems.ts'

/** A finding in words: those of the system's checks, or else those of the problem. */
export function checkFinding(system: string, name: CheckFindingName, given: TextDetail = {}): CheckFinding {
  const own = findWord('checks', system, name)
  if (own !== undefined) {
    const detail = { ...given, system }
    return { name, sentence: own.sentence(detail), fix: own.fix(detail) }
  }
  if (!isProblemName(name)) throw new Error(`the system ${system} has no finding ${name}`)
  return { name, ...problemText(name, { system, identity: '<id>', detail: given }) }
}
