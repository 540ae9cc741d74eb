import { problemPage } from '../../../domain/text/problem-page.ts'
import { POST_LEASE_MS, postJson, type AlertChannel, type PostedAlert } from '../channel.ts'

/** Posts each message as JSON, with the page that explains it. */
export function createHttpChannel(url: string, docsUrl: string): AlertChannel {
  const variable = 'HOLDFAST_ALERT_URL'
  return {
    name: 'http',
    variable,
    most: 1,
    leaseMs: POST_LEASE_MS,
    async send(messages) {
      const answers = []
      for (const { message } of messages) {
        const posted: PostedAlert = { ...message, more: problemPage(message.name, docsUrl) }
        answers.push(await postJson({ variable, url, body: JSON.stringify(posted) }))
      }
      return answers.join('; ')
    },
  }
}
