import { getExternalWorkflowHandle, TemporalFailure, isCancellation } from '@temporalio/workflow'
import type { RepairReport } from '../../contracts/backfill.ts'
import { repaired } from '../../contracts/messages.ts'
import type { RetryWish, SignupStatus } from '../../contracts/signup.ts'
import { isEndStage } from '../../contracts/stages.ts'

/** Tells the backfill that set a signup going, once, where it came to rest. Without one it does nothing at all. */
export interface Reporter {
  askedBy(wish: RetryWish | undefined): void
  /** Nothing moves until something happens: a problem, or the wait for the person. */
  rests(): Promise<void>
  /** The run is over; where it goes on as new there is nothing to tell yet. */
  ends(): Promise<void>
  carry(): { reportTo?: string }
}

/** The report names the identity itself, as the backfill that waits for it does; a status only shows it. */
export function createReporter(
  { identity, reportTo: asked }: { identity: string; reportTo: string | undefined },
  status: () => SignupStatus,
): Reporter {
  let reportTo = asked
  const tell = async (): Promise<void> => {
    if (reportTo === undefined) return
    const backfill = getExternalWorkflowHandle(reportTo)
    reportTo = undefined
    try {
      await backfill.signal(repaired, reportOf(identity, status()))
    } catch (error) {
      // The backfill has ended meanwhile: nobody is left to tell.
      if (isCancellation(error) || !(error instanceof TemporalFailure)) throw error
    }
  }
  return {
    askedBy: (wish) => void (reportTo = wish?.reportTo ?? reportTo),
    rests: tell,
    ends: async () => {
      if (isEndStage(status().stage)) await tell()
    },
    carry: () => (reportTo === undefined ? {} : { reportTo }),
  }
}

function reportOf(identity: string, { stage, problem }: SignupStatus): RepairReport {
  if (problem !== null) {
    const { name, sentence, fix } = problem
    return { identity, outcome: 'failed', problem: name, sentence, fix }
  }
  const whole = stage === 'completed' || stage === 'waiting-for-verification'
  const sentence = whole ? '' : (ENDED[stage] ?? '')
  return { identity, outcome: whole ? 'done' : 'failed', problem: whole ? null : stage, sentence, fix: '' }
}

const ENDED: Readonly<Record<string, string>> = {
  expired: 'The e-mail was not verified in time; a later verification starts the signup again.',
  deleted: 'The provider does not know this person (any longer).',
}
