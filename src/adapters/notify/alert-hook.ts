import type { AlertMessage } from '../../contracts/alerts.ts'
import { problemPage } from '../../domain/text/problem-page.ts'

const ANSWER_MS = 10_000

/** Sends one alert to an outside channel. Rejects, with a reason fit for an operator, when it was not accepted. */
export type AlertChannel = (message: AlertMessage) => Promise<void>

/** The JSON that is posted. */
export interface PostedAlert extends AlertMessage {
  /** The page that explains the alert. */
  readonly more: string
}

/**
 * Posts each message as JSON, with the page that explains it; any 2xx response counts as accepted. The address may
 * contain a token, so no error repeats it.
 */
export function createAlertHook(url: string, docsUrl: string): AlertChannel {
  return async (message) => {
    const posted: PostedAlert = { ...message, more: problemPage(message.name, docsUrl) }
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(posted),
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_MS),
    }).catch((cause: unknown) => {
      const reason =
        cause instanceof Error && cause.name === 'TimeoutError'
          ? 'no answer in time'
          : 'no connection, or a redirect, which is not followed'
      throw new Error(`HOLDFAST_ALERT_URL: ${reason}`, { cause })
    })
    await answer.body?.cancel()
    if (!answer.ok) throw new Error(`HOLDFAST_ALERT_URL answers HTTP ${answer.status}`)
  }
}
