import pc from 'picocolors'
import type { AlertDelivery } from '../../contracts/alert-channels.ts'
import type { AlertName, AlertRecord } from '../../contracts/alerts.ts'
import type { Severity } from '../../contracts/severity.ts'
import { printableIn } from '../../domain/text/printable.ts'
import { moreLine } from './more.ts'
import { relativeTime, table } from './print.ts'

const COLOURS: Readonly<Record<Severity, (text: string) => string>> = {
  warning: pc.yellow,
  high: pc.red,
  critical: (text) => pc.bold(pc.red(text)),
}

export function alertsText(all: readonly AlertRecord[]): string {
  const alerts = printableIn(all)
  const open = alerts.filter((alert) => alert.open)
  const closed = alerts.filter((alert) => !alert.open)
  const lines = open.flatMap((alert) => [...openAlert(alert), ''])
  const rows = closed.map(({ name, severity, openedAt, closedAt }) => [
    name,
    severity,
    relativeTime(openedAt),
    closedAt === null ? '-' : relativeTime(closedAt),
  ])
  return [
    ...(open.length === 0 ? ['No open alerts.'] : lines.slice(0, -1)),
    ...(rows.length === 0 ? [] : ['', table(['CLOSED ALERT', 'SEVERITY', 'OPENED', 'CLOSED'], rows)]),
  ].join('\n')
}

function openAlert(alert: AlertRecord): string[] {
  const { name, severity, count, since, sentence, fix, consequences, people } = alert
  const { undelivered, undeliveredBecause } = alert
  return [
    `${COLOURS[severity](name)} (${severity}): ${sentence}`,
    ...consequences.map((line) => `Also ${line}`),
    `Since ${relativeTime(since)}${count === 0 ? '' : `, ${counted(name, count)}`}.`,
    ...(people.length === 0 ? [] : [`People, by the keyed hash of their identity: ${people.join(', ')}`]),
    `${pc.bold('What to do:')} ${fix}`,
    ...moreLine([name]),
    ...(undelivered === 0
      ? []
      : [`${pc.yellow('Not delivered yet:')} ${undelivered}, ${undeliveredBecause ?? 'not tried yet'}`]),
  ]
}

function counted(name: AlertName, count: number): string {
  return name === 'events-quarantined' ? `${count} quarantined` : `${count} blocked`
}

/** Messages to channels, one a line. */
export function deliveriesText(all: readonly AlertDelivery[]): string {
  if (all.length === 0) return 'No messages to channels.'
  const rows = printableIn(all).map((one) => [
    one.id,
    one.channel,
    `${one.message.name} ${one.message.state}`,
    one.message.severity,
    relativeTime(one.at),
    stateOf(one),
  ])
  return table(['ID', 'CHANNEL', 'MESSAGE', 'SEVERITY', 'MADE', 'RESULT'], rows)
}

function stateOf({ sentAt, response, refusals, because, notBefore }: AlertDelivery): string {
  if (sentAt !== null) return `${relativeTime(sentAt)}: ${response ?? '-'}`
  if (refusals > 0) return `refused ${refusals} times: ${because ?? '-'}`
  return notBefore === null ? 'not tried yet' : `held back until ${notBefore}`
}
