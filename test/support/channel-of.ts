import type { AlertChannel } from '../../src/adapters/notify/channel.ts'
import type { AlertMessage } from '../../src/contracts/alerts.ts'

/** A channel `http` that passes each message to `take`. */
export function channelOf(take: (message: AlertMessage) => Promise<void>): AlertChannel {
  return {
    name: 'http',
    variable: 'HOLDFAST_ALERT_URL',
    most: 1,
    leaseMs: 30_000,
    async send(messages) {
      for (const { message } of messages) await take(message)
      return 'taken'
    },
  }
}
