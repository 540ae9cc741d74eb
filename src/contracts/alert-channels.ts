import type { AlertMessage } from './alerts.ts'

/**
 * The channels of alerts, beside the log. `http`: HOLDFAST_ALERT_URL; `webhook`: the signed webhook; `oncall`: e-mail to
 * the person on call. The names are stable, since deliveries are stored under them.
 */
export const CHANNEL_NAMES = ['http', 'webhook', 'slack', 'email', 'oncall', 'pagerduty'] as const
export type ChannelName = (typeof CHANNEL_NAMES)[number]

/** One message for one channel, as `holdfast alerts --sent` shows it. Times are ISO 8601. */
export interface AlertDelivery {
  readonly id: string
  readonly channel: ChannelName
  readonly message: AlertMessage
  /** When the message was made. */
  readonly at: string
  /** When the channel accepted it; null while it waits. */
  readonly sentAt: string | null
  /** The answer with which the channel accepted it. */
  readonly response: string | null
  /** The number of refusals, and the reason of the last one. */
  readonly refusals: number
  readonly because: string | null
  /** Quiet hours hold it back until then; null where they do not. */
  readonly notBefore: string | null
}
