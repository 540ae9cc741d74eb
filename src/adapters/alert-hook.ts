import type { AlertMessage } from '../contracts/alerts.ts'

const ANSWER_MS = 10_000

/** Tells one alert to the world outside. Rejects, with a reason fit for an operator, when it was not taken. */
export type AlertChannel = (message: AlertMessage) => Promise<void>

/** Posts each message as JSON; whatever answers 2xx has taken it. The address may hold a token: no error repeats it. */
export function createAlertHook(url: string): AlertChannel {
  return async (message) => {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(message),
      signal: AbortSignal.timeout(ANSWER_MS),
    }).catch((cause: unknown) => {
      const reason =
        cause instanceof Error && cause.name === 'TimeoutError' ? 'no answer in time' : 'no connection'
      throw new Error(`HOLDFAST_ALERT_URL: ${reason}`, { cause })
    })
    await answer.body?.cancel()
    if (!answer.ok) throw new Error(`HOLDFAST_ALERT_URL answers HTTP ${answer.status}`)
  }
}
