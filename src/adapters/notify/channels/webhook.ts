import { Webhook } from 'standardwebhooks'
import { problemPage } from '../../../domain/text/problem-page.ts'
import { POST_LEASE_MS, postJson, type AlertChannel, type PostedAlert } from '../channel.ts'

/**
 * Posts each message as JSON, signed as https://www.standardwebhooks.com describes it. `webhook-id` is the same each time
 * a message is tried, so that the receiver can recognise one that it has accepted.
 */
export function createWebhookChannel(
  { url, secret }: { readonly url: string; readonly secret: string },
  docsUrl: string,
): AlertChannel {
  const variable = 'HOLDFAST_ALERT_WEBHOOK_URL'
  const signer = new Webhook(secret)
  return {
    name: 'webhook',
    variable,
    most: 1,
    leaseMs: POST_LEASE_MS,
    async send(messages) {
      const answers = []
      for (const { id, message } of messages) {
        const posted: PostedAlert = { ...message, more: problemPage(message.name, docsUrl) }
        const body = JSON.stringify(posted)
        const at = new Date()
        const headers = {
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
          'webhook-signature': signer.sign(id, at, body),
        }
        answers.push(await postJson({ variable, url, body, headers }))
      }
      return answers.join('; ')
    },
  }
}
