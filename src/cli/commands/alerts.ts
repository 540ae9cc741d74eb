import type { CommandHelp } from '../../systems/command-part.ts'
import type { Command } from 'commander'
import pc from 'picocolors'
import type { AlertName, AlertRecord } from '../../contracts/alerts.ts'
import { printableIn } from '../../domain/text/printable.ts'
import { runForSystem, systemCommand, type CommonOptions } from '../lib/command.ts'
import { moreLine } from '../format/more.ts'
import { pausedNotice } from '../format/paused-notice.ts'
import { relativeTime, table } from '../format/print.ts'

export function alertsCommand(help: CommandHelp): Command {
  return systemCommand(help, 'alerts', 'Show open alerts, and those closed recently.', [
    `alerts ${help.system}`,
    `alerts ${help.system} --json | jq '.alerts[] | select(.open)'`,
  ]).action((system: string, options: CommonOptions) =>
    runForSystem(system, options, async (context) => {
      const alerts = await (await context.state()).alerts.list()
      const notices = await pausedNotice(context)
      return { document: { alerts, notices }, text: [...notices, alertsText(alerts)].join('\n\n') }
    }),
  )
}

function counted(name: AlertName, count: number): string {
  return name === 'events-quarantined' ? `${count} quarantined` : `${count} blocked`
}

function alertsText(all: readonly AlertRecord[]): string {
  const alerts = printableIn(all)
  const open = alerts.filter((alert) => alert.open)
  const closed = alerts.filter((alert) => !alert.open)
  const lines = open.flatMap(({ name, count, since, sentence, fix, undelivered, undeliveredBecause }) => [
    `${pc.red(name)}: ${sentence}`,
    `Since ${relativeTime(since)}${count === 0 ? '' : `, ${counted(name, count)}`}.`,
    `${pc.bold('What to do:')} ${fix}`,
    ...moreLine([name]),
    ...(undelivered === 0
      ? []
      : [`${pc.yellow('Not delivered yet:')} ${undelivered}, ${undeliveredBecause ?? 'not tried yet'}`]),
    '',
  ])
  const rows = closed.map(({ name, openedAt, closedAt }) => [
    name,
    relativeTime(openedAt),
    closedAt === null ? '-' : relativeTime(closedAt),
  ])
  return [
    ...(open.length === 0 ? ['No open alerts.'] : lines.slice(0, -1)),
    ...(rows.length === 0 ? [] : ['', table(['CLOSED ALERT', 'OPENED', 'CLOSED'], rows)]),
  ].join('\n')
}
