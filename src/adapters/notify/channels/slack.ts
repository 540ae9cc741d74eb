import type { AlertMessage } from '../../../contracts/alerts.ts'
import { headlineOf, partsOf } from '../text.ts'
import { POST_LEASE_MS, postJson, type AlertChannel } from '../channel.ts'

/** Slack refuses messages of more than 50 blocks; an alert has three. */
const MOST_ALERTS = 10
/** Slack refuses longer texts of a section, of a context, and of a header. */
const MOST_TEXT = 2_900
const MOST_HEADER = 150

/** An incoming webhook of Slack, with the alerts as Block Kit. Alerts that wait together are one message. */
export function createSlackChannel(url: string, docsUrl: string): AlertChannel {
  const variable = 'SLACK_WEBHOOK_URL'
  return {
    name: 'slack',
    variable,
    most: MOST_ALERTS,
    leaseMs: POST_LEASE_MS,
    send: (messages) =>
      postJson({
        variable,
        url,
        body: JSON.stringify(
          slackMessage(
            messages.map((one) => one.message),
            docsUrl,
          ),
        ),
      }),
  }
}

/** The JSON that is posted; `text` is what notifications show. */
function slackMessage(messages: readonly AlertMessage[], docsUrl: string) {
  const headline = headlineOf(messages)
  return {
    text: escaped(headline),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: headline.slice(0, MOST_HEADER) } },
      ...messages.flatMap((message) => blocksOf(message, docsUrl)),
    ],
  }
}

function blocksOf(message: AlertMessage, docsUrl: string) {
  const { title, sentences, facts, fix, more } = partsOf(message, docsUrl)
  const lines = [
    `*${escaped(title)}*`,
    ...sentences.map(escaped),
    ...(fix === null ? [] : [`*What to do:* ${escaped(fix)}`]),
  ]
  const link = URL.canParse(more) ? `<${more}|${escaped(message.name)}>` : escaped(more)
  return [
    { type: 'section', text: { type: 'mrkdwn', text: lines.join('\n').slice(0, MOST_TEXT) } },
    {
      type: 'context',
      elements: [{ type: 'mrkdwn', text: `${escaped(facts)} ${link}`.slice(0, MOST_TEXT) }],
    },
    { type: 'divider' },
  ]
}

/** Slack's own markup begins with these characters. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
