import type { SignupStatus } from '../../contracts/signup.ts'
import type { Stage } from '../../contracts/stages.ts'

const WORDS: Record<Stage, string> = {
  recording: 'Recording the verification',
  'creating-code': 'Finding a user code',
  'creating-user': 'Creating the user record',
  'waiting-for-verification': 'Waiting for the verified e-mail',
  'creating-account': 'Creating the account on the PDS',
  completed: 'Completed: every record exists',
  expired: 'Expired: the e-mail was not verified in time; a later verification starts the signup again',
  refused: 'Refused for good',
  deleted: 'The provider does not know this person (any longer), or they were deleted here',
}

/** What the Temporal UI shows as current details: where the signup is, why it waits, what to do. Markdown. */
export function describe({ stage, stageSince, problem, code, handle, notices }: SignupStatus): string {
  const lines = [`**${WORDS[stage]}** since ${stageSince}`]
  if (code !== null) lines.push(`User code \`${code}\`${handle === null ? '' : `, account \`${handle}\``}`)
  if (problem !== null) {
    const next = problem.nextTryAt === null ? '' : ` Next try by itself at ${problem.nextTryAt}.`
    lines.push(
      `**${problem.name}**: ${problem.sentence}`,
      problem.fix,
      `Failing since ${problem.since}, ${problem.attempts} rounds.${next}`,
    )
  }
  return [...lines, ...notices].join('\n\n')
}
