import type { AlertChannels } from '../../config/alerts.ts'
import type { AlertChannel } from './channel.ts'
import { createEmailChannel } from './channels/email.ts'
import { createHttpChannel } from './channels/http.ts'
import { createPagerDutyChannel } from './channels/pagerduty.ts'
import { createSlackChannel } from './channels/slack.ts'
import { createWebhookChannel } from './channels/webhook.ts'

/** The configured channels. `docsUrl`: where the pages are that explain alerts. */
export function createChannels(
  { url, webhook, slackUrl, email, pagerDuty }: AlertChannels,
  docsUrl: string,
): AlertChannel[] {
  const { smtpUrl, from } = email ?? {}
  const mailTo = (name: 'email' | 'oncall', to: readonly string[]): AlertChannel[] =>
    smtpUrl === undefined || from === undefined || to.length === 0
      ? []
      : [createEmailChannel({ name, smtpUrl, from, to }, docsUrl)]
  return [
    ...(url === null ? [] : [createHttpChannel(url, docsUrl)]),
    ...(webhook === null ? [] : [createWebhookChannel(webhook, docsUrl)]),
    ...(slackUrl === null ? [] : [createSlackChannel(slackUrl, docsUrl)]),
    ...mailTo('email', email?.to ?? []),
    ...mailTo('oncall', email?.onCall ?? []),
    ...(pagerDuty === null ? [] : [createPagerDutyChannel(pagerDuty, docsUrl)]),
  ]
}
