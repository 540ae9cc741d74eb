import { sleep } from '@temporalio/workflow'
import { UNSTORED_ALERT_TIME } from '../contracts/alerts.ts'

/**
 * Stands for an alert that was sent while the database could not store it. Its id is the alert's, so only one of
 * several servers and workers starts it, and only that one sends the message. It is terminated once the alert is
 * stored; until then, its end allows the alert to be sent again.
 */
export async function unstoredAlert(): Promise<void> {
  await sleep(UNSTORED_ALERT_TIME)
}
