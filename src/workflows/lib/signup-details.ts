import type { SignupStatus } from '../../contracts/signup.ts'
import { isEndStage, type EndStage, type Stage } from '../../contracts/stages.ts'
import type { System } from '../../contracts/systems.ts'
import { wordOf } from '../../contracts/vocabulary.ts'
import { withCommandsAsCode } from '../../domain/text/commands-in-text.ts'
import { moreDetails } from './more.ts'

const ENDS: Record<EndStage, string> = {
  completed: 'Completed: every record exists',
  expired: 'Expired: the person was not verified in time; a later verification starts the signup again',
  refused: 'Refused permanently',
  deleted: 'The provider does not know this person, or they were deleted here',
}

function stageText(system: System, stage: Stage): string {
  if (isEndStage(stage)) return ENDS[stage]
  const { doing, stage: named = doing } = wordOf('steps', system, stage)
  return named
}

/** A signup in the Temporal UI, as current details: its stage, why it waits, and the fix. Markdown. */
export function signupDetails(status: SignupStatus): string {
  const { system, stage, stageSince, problem, code, handle, notices } = status
  const lines = [`**${stageText(system, stage)}** since ${stageSince}`]
  if (code !== null) lines.push(`User code \`${code}\`${handle === null ? '' : `, account \`${handle}\``}`)
  if (problem !== null) {
    const next = problem.nextTryAt === null ? '' : ` Next automatic retry at ${problem.nextTryAt}.`
    lines.push(
      `**${problem.name}**: ${withCommandsAsCode(problem.sentence)}`,
      withCommandsAsCode(problem.fix),
      ...moreDetails([problem.name]),
      `Failing since ${problem.since}, ${problem.attempts} rounds.${next}`,
    )
  }
  return [...lines, ...notices.map((notice) => withCommandsAsCode(notice))].join('\n\n')
}
