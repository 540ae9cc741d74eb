import type { SignupReader } from '../client/signup-reader.ts'
import { isEndStage } from '../contracts/stages.ts'
import type { SignupStatus } from '../contracts/signup.ts'
import { EXIT } from '../entry.ts'
import type { Answer } from './command.ts'
import { signupText } from './print.ts'
import { until } from './until.ts'

const LONGEST_MS = 20_000

/**
 * Follows a signup until it rests: ended, waiting for its person, or held up by a problem. At most twenty seconds.
 * `isOld`: it has not taken up yet what it was told.
 */
export async function settled(
  reader: SignupReader,
  workflowId: string,
  isOld: (status: SignupStatus) => boolean = () => false,
): Promise<SignupStatus | null> {
  return until(
    () => reader.status(workflowId),
    (status) => status === null || (rests(status) && !isOld(status)),
    LONGEST_MS,
  )
}

/** What `status` answers: the person is known, whatever became of the signup. */
export function statusAnswer(status: SignupStatus): Answer {
  return { document: status, text: signupText(status) }
}

/** What a command answers that set the signup going: 1 where it came to nothing, or stands still. */
export function outcomeAnswer(status: SignupStatus): Answer {
  const cameToNothing = status.problem !== null || ['deleted', 'refused', 'expired'].includes(status.stage)
  return { ...statusAnswer(status), exitCode: cameToNothing ? EXIT.failed : EXIT.done }
}

function rests({ stage, problem }: SignupStatus): boolean {
  return problem !== null || isEndStage(stage) || stage === 'waiting-for-verification'
}
