import { ApplicationFailure, proxyActivities, sleep, workflowInfo } from '@temporalio/workflow'
import type { HealthActivities } from '../activities/health.ts'
import type { ProblemName } from '../contracts/problems.ts'
import { taskQueueOf } from '../contracts/systems.ts'
import type { HeldUp, Probe, WatchInput, WatchResult } from '../contracts/watch.ts'
import { alertsOf, isWell, releasable, scopeOf } from '../domain/watch.ts'

const SYSTEM = 'atproto'
const STUCK_MINUTES = 5
/** How long those who were told to try again may take to go on before they count as stuck all the same. */
const RELEASE_LOOKS = 6
const BETWEEN_LOOKS = '5s'
const CANARY_TIME = '10s'

const steps = proxyActivities<HealthActivities>({
  startToCloseTimeout: '60s',
  retry: { maximumAttempts: 3, initialInterval: '500ms', backoffCoefficient: 3 },
})

/**
 * One look at whether signups can go on: what they lean on, who is held up and since when. Tells those to try again
 * whose trouble is over, opens alerts, and closes those whose cause is gone. A schedule runs it every five minutes.
 */
export async function watch({ system, stuckMinutes = STUCK_MINUTES }: WatchInput = {}): Promise<WatchResult> {
  const served = system ?? SYSTEM
  if (served !== SYSTEM || workflowInfo().taskQueue !== taskQueueOf(SYSTEM))
    throw ApplicationFailure.nonRetryable(`watch serves ${SYSTEM} on ${taskQueueOf(SYSTEM)}`, 'bad-input')

  const probes = await steps.probeDependencies()
  const before = await steps.readHeldUp()
  const released = [...releasable(probes, before), ...(await releasedByTrying(probes, before))]
  const heldUp = released.length === 0 ? before : await release(released)

  const { findings: others, notLookedFor } = await steps.lookForTrouble()
  const { alerts, undelivered } = await steps.settleAlerts({
    system: SYSTEM,
    scope: scopeOf(probes, notLookedFor),
    findings: alertsOf({ probes, heldUp, others, stuckMinutes, now: new Date() }),
  })
  return { probes, heldUp, released, alerts, undelivered }
}

/** Tells them to try again, and gives them a while to go on. */
async function release(problems: ProblemName[]): Promise<HeldUp[]> {
  await steps.retryHeldUp({ problems })
  for (let look = 1; ; look += 1) {
    await sleep(BETWEEN_LOOKS)
    const heldUp = await steps.readHeldUp()
    if (look === RELEASE_LOOKS || !heldUp.some(({ problem }) => problems.includes(problem))) return heldUp
  }
}

/**
 * Whether the PDS reaches the PLC directory shows only when an account is made. So one of those who wait for it tries
 * first, and the others follow where that worked.
 */
async function releasedByTrying(probes: readonly Probe[], heldUp: readonly HeldUp[]): Promise<ProblemName[]> {
  const problem = 'plc-unreachable'
  if (!isWell(probes, 'pds') || !heldUp.some((one) => one.problem === problem)) return []
  const { workflowId } = await steps.retryOneHeldUp({ problem })
  if (workflowId === null) return []
  await sleep(CANARY_TIME)
  return (await steps.isHeldUp({ workflowId, problem })).heldUp ? [] : [problem]
}
