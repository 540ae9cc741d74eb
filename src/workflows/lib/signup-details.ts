import type { SignupStatus } from '../../contracts/signup.ts'
import type { Stage } from '../../contracts/stages.ts'
import { withCommandsAsCode } from '../../domain/text/commands-in-text.ts'
import { moreDetails } from './more.ts'

const WORDS: Record<Stage, string> = {
  recording: 'Recording the verification',
  'creating-code': 'Generating a user code',
  'creating-user': 'Creating the user record',
  'waiting-for-verification': 'Waiting for the verified e-mail',
  'creating-account': 'Creating the account on the PDS',
  completed: 'Completed: every record exists',
  expired: 'Expired: the e-mail was not verified in time; a later verification starts the signup again',
  refused: 'Refused permanently',
  deleted: 'The provider does not know this person, or they were deleted here',
}

/** A signup in the Temporal UI, as current details: its stage, why it waits, and the fix. Markdown. */
export function signupDetails({ stage, stageSince, problem, code, handle, notices }: SignupStatus): string {
  const lines = [`**${WORDS[stage]}** since ${stageSince}`]
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
