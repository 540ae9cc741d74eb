import { setTimeout as sleep } from 'node:timers/promises'
import type { SignupReader } from '../client/signup-reader.ts'
import { isEndStage } from '../contracts/stages.ts'
import type { SignupStatus } from '../contracts/signup.ts'
import { EXIT } from '../entry.ts'
import type { Answer } from './command.ts'
import { signupText } from './print.ts'

const LONGEST_MS = 20_000
const STEP_MS = 250

/**
 * Follows a signup until it rests: ended, waiting for its person, or held up by a problem. At most twenty seconds.
 * `isOld`: it has not taken up yet what it was told.
 */
export async function settled(
  reader: SignupReader,
  workflowId: string,
  isOld: (status: SignupStatus) => boolean = () => false,
): Promise<SignupStatus | null> {
  const until = Date.now() + LONGEST_MS
  for (;;) {
    const status = await reader.status(workflowId)
    if (status === null || (rests(status) && !isOld(status)) || Date.now() >= until) return status
    await sleep(STEP_MS)
  }
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
