import { queuePollers, queuesOf } from '../client/pollers.ts'
import { withDeadline } from '../client/temporal.ts'
import { knownSettings } from '../config/fingerprints.ts'
import { ConfigError } from '../config.ts'
import type { QueuePoller, WorkerReport, WorkerRow } from '../contracts/workers.ts'
import { checkFinding } from '../domain/check-findings.ts'
import { OutsideError } from '../domain/outside-error.ts'
import { describeWorkers, silentWorkers, unpolledQueues } from '../domain/workers.ts'
import type { CheckResult } from './check.ts'
import type { CheckContext } from './context.ts'

/** Whether live workers poll every queue, and have the settings of this environment. */
export async function checkWorkers(context: CheckContext): Promise<CheckResult> {
  const { pollers, reports, shown } = await loadWorkers(context)
  const silent = silentWorkers(reports ?? [], pollers).map(({ identity }) => identity)
  const unservedQueues = unpolledQueues(queuesOf(context.system), pollers, reports)
  const polling = shown.filter(({ queues }) => queues.length > 0)
  return {
    findings: [
      ...unservedQueues.map((queue) => checkFinding(context.system, 'no-worker', { queue })),
      ...silent.map((worker) => checkFinding(context.system, 'worker-silent', { worker })),
    ],
    notices: polling.flatMap(({ identity, differs }) =>
      differs === null || differs.length === 0
        ? []
        : checkFinding(context.system, 'worker-settings-differ', {
            worker: identity,
            settings: differs.join(', '),
          }),
    ),
    facts: [
      ...(unservedQueues.length === 0 ? ['every queue is polled'] : []),
      ...polling.map(({ identity, build }) => (build === null ? identity : `${identity} runs ${build}`)),
      ...(reports === null ? ['the reports of the workers are missing'] : []),
    ],
  }
}

/** Workers according to Temporal and, where the database answers, to their own reports. Throws Temporal's errors. */
export async function loadWorkers(
  context: CheckContext,
): Promise<{ pollers: QueuePoller[]; reports: WorkerReport[] | null; shown: WorkerRow[] }> {
  const { client } = context.temporal()
  const [pollers, reports] = await Promise.all([
    withDeadline(client, () => queuePollers(client, context.system)),
    reportsOf(context),
  ])
  return {
    pollers,
    reports,
    shown: describeWorkers(pollers, reports, knownSettings(context.env, context.served)),
  }
}

/** The identities of all workers that reported in the last day; none where the database does not answer. */
export async function workerIdentities(context: CheckContext): Promise<string[]> {
  return (await reportsOf(context))?.map(({ identity }) => identity) ?? []
}

/** Null where the database does not answer, or is not configured: other checks report that. */
async function reportsOf(context: CheckContext): Promise<WorkerReport[] | null> {
  try {
    return await (await context.state()).state.workers.list()
  } catch (error) {
    if (error instanceof OutsideError || error instanceof ConfigError) return null
    throw error
  }
}
