import type { AlertMessage } from '../../../contracts/alerts.ts'
import type { Severity } from '../../../contracts/severity.ts'
import { problemPage } from '../../../domain/text/problem-page.ts'
import { POST_LEASE_MS, postJson, type AlertChannel } from '../channel.ts'

const SEVERITIES: Readonly<Record<Severity, string>> = {
  warning: 'warning',
  high: 'error',
  critical: 'critical',
}
const MOST_SUMMARY = 1_024

/** PagerDuty's Events API, version 2: every message of one alert has its `dedup_key`, and a closed alert resolves it. */
export function createPagerDutyChannel(
  { url, routingKey }: { readonly url: string; readonly routingKey: string },
  docsUrl: string,
): AlertChannel {
  const variable = 'PAGERDUTY_ROUTING_KEY'
  return {
    name: 'pagerduty',
    variable,
    most: 1,
    leaseMs: POST_LEASE_MS,
    async send(messages) {
      const answers = []
      for (const { message } of messages)
        answers.push(
          await postJson({
            variable,
            url: `${url}/v2/enqueue`,
            body: JSON.stringify(eventOf(message, routingKey, docsUrl)),
          }),
        )
      return answers.join('; ')
    },
  }
}

function eventOf(message: AlertMessage, routingKey: string, docsUrl: string) {
  const { name, system, state, severity, title, sentence, since, dedupKey } = message
  const event = { routing_key: routingKey, dedup_key: dedupKey }
  if (state === 'closed') return { ...event, event_action: 'resolve' }
  const more = problemPage(name, docsUrl)
  return {
    ...event,
    event_action: 'trigger',
    client: 'Holdfast',
    // A path in the checkout is no link.
    ...(URL.canParse(more) ? { links: [{ href: more, text: `What ${name} means` }] } : {}),
    payload: {
      summary: `${title}. ${sentence}`.slice(0, MOST_SUMMARY),
      source: `holdfast/${system}`,
      severity: SEVERITIES[severity],
      timestamp: since,
      component: system,
      class: name,
      custom_details: {
        count: message.count,
        fix: message.fix,
        consequences: message.consequences,
        people: message.people,
        more,
      },
    },
  }
}
