import type { SignupReader } from '../../client/signup-reader.ts'
import { isEndStage } from '../../contracts/stages.ts'
import type { SignupStatus } from '../../contracts/signup.ts'
import { EXIT } from '../../errors.ts'
import type { CommandResult } from './command.ts'
import { signupText } from '../format/print.ts'
import { pollUntil } from './poll-until.ts'

const LONGEST_MS = 20_000

/**
 * Follows a signup until it is idle: ended, waiting for its person, or blocked. At most twenty seconds.
 * `isOld`: the status is from before the signal just sent.
 */
export async function waitUntilIdle(
  reader: SignupReader,
  workflowId: string,
  isOld: (status: SignupStatus) => boolean = () => false,
): Promise<SignupStatus | null> {
  return pollUntil(
    () => reader.status(workflowId),
    (status) => status === null || (isIdle(status) && !isOld(status)),
    LONGEST_MS,
  )
}

/** The result of `status`: exit code 0, since the person is known, whatever the outcome of the signup. */
export function statusResult(status: SignupStatus): CommandResult {
  return { document: status, text: signupText(status) }
}

/** The result of a command that started the signup: exit code 1 if it failed or is blocked. */
export function outcomeResult(status: SignupStatus): CommandResult {
  const cameToNothing = status.problem !== null || ['deleted', 'refused', 'expired'].includes(status.stage)
  return { ...statusResult(status), exitCode: cameToNothing ? EXIT.failed : EXIT.done }
}

function isIdle({ stage, problem }: SignupStatus): boolean {
  return problem !== null || isEndStage(stage) || stage === 'waiting-for-verification'
}
