import { TemporalFailure, isCancellation, proxyLocalActivities } from '@temporalio/workflow'
import type { ReportActivities } from '../../activities/repair-report.ts'
import type { RepairReport } from '../../contracts/backfill.ts'
import type { RetryWish, SignupStatus } from '../../contracts/signup.ts'
import { isEndStage } from '../../contracts/stages.ts'

/** Local: a signal sent by the workflow itself would cost it a workflow task of its own. */
const { reportRepair } = proxyLocalActivities<ReportActivities>({
  startToCloseTimeout: '12s',
  retry: { maximumAttempts: 3, initialInterval: '500ms' },
  summary: 'Tell the backfill',
})

/** Tells the backfill that set a workflow going, once, where it came to rest. Without one it does nothing at all. */
export interface Teller {
  askedBy(wish: RetryWish | undefined): void
  tell(): Promise<void>
  carry(): { reportTo?: string }
}

/** A signup's. */
export interface Reporter extends Omit<Teller, 'tell'> {
  /** Nothing moves until something happens: a problem, or the wait for the person. */
  rests(): Promise<void>
  /** The run is over; where it goes on as new there is nothing to tell yet. */
  ends(): Promise<void>
}

export function createTeller(asked: string | undefined, report: () => RepairReport): Teller {
  let reportTo = asked
  const tell = async (): Promise<void> => {
    if (reportTo === undefined) return
    const to = reportTo
    reportTo = undefined
    try {
      await reportRepair({ to, report: report() })
    } catch (error) {
      // Whoever stays silent is looked at by the backfill itself.
      if (isCancellation(error) || !(error instanceof TemporalFailure)) throw error
    }
  }
  return {
    askedBy: (wish) => void (reportTo = wish?.reportTo ?? reportTo),
    tell,
    carry: () => (reportTo === undefined ? {} : { reportTo }),
  }
}

/** The report names the identity itself, as the backfill that waits for it does; a status only shows it. */
export function createReporter(
  { identity, reportTo }: { identity: string; reportTo: string | undefined },
  status: () => SignupStatus,
): Reporter {
  const { tell, ...teller } = createTeller(reportTo, () => reportOf(identity, status()))
  return {
    ...teller,
    rests: tell,
    ends: async () => {
      if (isEndStage(status().stage)) await tell()
    },
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
