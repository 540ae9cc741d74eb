import { TemporalFailure, isCancellation, proxyLocalActivities } from '@temporalio/workflow'
import type { BackfillReportActivities } from '../../activities/backfill-report.ts'
import type { RepairReport } from '../../contracts/backfill.ts'
import type { RetryOptions, SignupStatus } from '../../contracts/signup.ts'
import { isEndStage } from '../../contracts/stages.ts'
import { attempts, ONE_ATTEMPT, QUICK_RETRIES } from './attempts.ts'

/** Local: a signal sent by the workflow itself would cost it a workflow task of its own. */
const { notifyBackfill } = proxyLocalActivities<BackfillReportActivities>({
  startToCloseTimeout: '12s',
  retry: ONE_ATTEMPT,
  summary: 'Notify the backfill',
})

/** Notifies the backfill that started a repair, once, of its outcome. Without such a backfill it does nothing. */
export interface BackfillNotifier {
  setRecipient(options: RetryOptions | undefined): void
  notify(): Promise<void>
  stateForNextRun(): { reportTo?: string }
}

/** The notifier of a signup. */
export interface SignupNotifier extends Omit<BackfillNotifier, 'notify'> {
  /** The signup waits: it is blocked, or its person has to verify the address. */
  onIdle(): Promise<void>
  /** The run is over. A run that continues as new has no outcome yet. */
  onEnd(): Promise<void>
}

export function createBackfillNotifier(
  recipient: string | undefined,
  report: () => RepairReport,
): BackfillNotifier {
  let reportTo = recipient
  const notify = async (): Promise<void> => {
    if (reportTo === undefined) return
    const to = reportTo
    reportTo = undefined
    try {
      await attempts(() => notifyBackfill({ to, report: report() }), QUICK_RETRIES)
    } catch (error) {
      // The backfill polls repairs that never report.
      if (isCancellation(error) || !(error instanceof TemporalFailure)) throw error
    }
  }
  return {
    setRecipient: (options) => void (reportTo = options?.reportTo ?? reportTo),
    notify,
    stateForNextRun: () => (reportTo === undefined ? {} : { reportTo }),
  }
}

/** The report holds the identity as the backfill knows it; the one in a status may be its hash. */
export function createSignupNotifier(
  { identity, reportTo }: { identity: string; reportTo: string | undefined },
  status: () => SignupStatus,
): SignupNotifier {
  const { notify, ...notifier } = createBackfillNotifier(reportTo, () => reportOf(identity, status()))
  return {
    ...notifier,
    onIdle: notify,
    onEnd: async () => {
      if (isEndStage(status().stage)) await notify()
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
  expired: 'The person was not verified in time; a later verification starts the signup again.',
  deleted: 'The person was deleted, or the provider does not know them.',
}
