import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, type Client } from '@temporalio/client'
import type { UnstoredAlert, UnstoredAlerts } from '../adapters/notify/alerts.ts'
import { UNSTORED_ALERT_TYPE, type AlertMessage } from '../contracts/alerts.ts'
import { unstoredAlertWorkflowId } from '../contracts/ids.ts'
import { taskQueueOf, type System } from '../contracts/systems.ts'
import { withDeadline } from './temporal.ts'
import { findRuns, runsOf, visibility } from './visibility.ts'

/** More than the number of alerts that can be open at once. */
const MOST = 1_000
/** Time-out of one request; the alert is sent all the same where Temporal does not answer in time. */
const ANSWER_MS = 4_000

/**
 * State that all servers and workers share about alerts while the database is unavailable: one run at Temporal for each
 * alert, under the alert's own id. Starting it needs no worker.
 */
export function createUnstoredAlerts(client: Client, system: System): UnstoredAlerts {
  return {
    async claim(alert) {
      try {
        await withDeadline(
          client,
          () =>
            client.workflow.start(UNSTORED_ALERT_TYPE, {
              workflowId: unstoredAlertWorkflowId(alert.dedupKey),
              taskQueue: taskQueueOf(system),
              args: [],
              memo: { alert },
              workflowIdConflictPolicy: 'FAIL',
              staticSummary: `${alert.name}: sent while the database could not store it`,
            }),
          ANSWER_MS,
        )
        return true
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return false
        throw error
      }
    },

    async list() {
      const query = visibility`${runsOf(system)} AND WorkflowType = ${UNSTORED_ALERT_TYPE} AND ExecutionStatus = 'Running'`
      return withDeadline(
        client,
        async () => {
          const found: UnstoredAlert[] = []
          for await (const { memo, startTime } of findRuns(client, query, { most: MOST })) {
            const alert = memo?.['alert'] as Omit<AlertMessage, 'state'> | undefined
            if (alert?.system === system) found.push({ alert, sentAt: startTime })
          }
          return found
        },
        ANSWER_MS,
      )
    },

    async release(dedupKey) {
      try {
        await withDeadline(
          client,
          () =>
            client.workflow
              .getHandle(unstoredAlertWorkflowId(dedupKey))
              .terminate('the database stores the alert again'),
          ANSWER_MS,
        )
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error // another process was first
      }
    },
  }
}
