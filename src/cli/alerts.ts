import type { Command } from 'commander'
import pc from 'picocolors'
import { createAlertStore } from '../adapters/mongo/alerts.ts'
import type { AlertRecord } from '../contracts/alerts.ts'
import { answer, systemCommand, type CommonOptions } from './command.ts'
import { ago, table } from './print.ts'

export function alertsCommand(): Command {
  return systemCommand('alerts', 'Show what somebody has to know now, and what was the matter lately.', [
    'alerts atproto',
    "alerts atproto --json | jq '.alerts[] | select(.open)'",
  ]).action((system: string, options: CommonOptions) =>
    answer(system, options, async (context) => {
      const alerts = await createAlertStore(context.mongo().db).list(system)
      return { document: { alerts }, text: alertsText(alerts) }
    }),
  )
}

function alertsText(alerts: readonly AlertRecord[]): string {
  const open = alerts.filter((alert) => alert.open)
  const closed = alerts.filter((alert) => !alert.open)
  const told = open.flatMap(({ name, count, since, sentence, fix, undelivered, undeliveredBecause }) => [
    `${pc.red(name)}: ${sentence}`,
    `Since ${ago(since)}${count === 0 ? '' : `, ${count} held up`}.`,
    `${pc.bold('What to do:')} ${fix}`,
    ...(undelivered === 0
      ? []
      : [`${pc.yellow('Not handed over yet:')} ${undelivered}, ${undeliveredBecause ?? 'not tried yet'}`]),
    '',
  ])
  const rows = closed.map(({ name, openedAt, closedAt }) => [
    name,
    ago(openedAt),
    closedAt === null ? '-' : ago(closedAt),
  ])
  return [
    ...(open.length === 0 ? ['No alert is open.'] : told.slice(0, -1)),
    ...(rows.length === 0 ? [] : ['', table(['WAS THE MATTER', 'OPENED', 'CLOSED'], rows)]),
  ].join('\n')
}
