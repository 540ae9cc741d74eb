import type { CommandHelp } from '../../systems/command-part.ts'
import type { Command } from 'commander'
import { EXIT, UsageError } from '../../errors.ts'
import { alertsText, deliveriesText } from '../format/alerts.ts'
import { runForSystem, systemCommand, type CommandResult, type CommonOptions } from '../lib/command.ts'
import type { CommandContext } from '../lib/context.ts'
import { pausedNotice } from '../format/paused-notice.ts'

interface AlertsOptions extends CommonOptions {
  readonly sent?: boolean
  readonly resend?: string
}

export function alertsCommand(help: CommandHelp): Command {
  return systemCommand(help, 'alerts', 'Show open alerts, and those closed recently.', [
    `alerts ${help.system}`,
    `alerts ${help.system} --json | jq '.alerts[] | select(.open and .severity == "critical")'`,
    `alerts ${help.system} --sent`,
    `alerts ${help.system} --resend 3f2c9a54-5b0e-4d0c-9c7e-0f6f5f9d2b11`,
  ])
    .option('--sent', 'show the messages to channels instead: what was sent, where, and the answer')
    .option('--resend <id>', 'send a message once more, by its id in --sent')
    .action((system: string, options: AlertsOptions) =>
      runForSystem(system, options, async (context) => {
        if (options.sent === true && options.resend !== undefined)
          throw new UsageError('Use either --sent or --resend.')
        if (options.resend !== undefined) return resend(context, options.resend)
        if (options.sent === true) return showSent(context)
        const alerts = await (await context.state()).alerts.list()
        const notices = await pausedNotice(context)
        return { document: { alerts, notices }, text: [...notices, alertsText(alerts)].join('\n\n') }
      }),
    )
}

async function showSent(context: CommandContext): Promise<CommandResult> {
  const deliveries = await (await context.state()).alerts.deliveries()
  return { document: { deliveries }, text: deliveriesText(deliveries) }
}

/** The server and the workers send it, within seconds, by the channels that they have. */
async function resend(context: CommandContext, id: string): Promise<CommandResult> {
  await context.acting.begin({ name: 'alerts --resend', kind: 'change', scope: id })
  const queued = await (await context.state()).alerts.sendAgain(id)
  if (!queued)
    return {
      document: { id, queued },
      text: `No message ${id} was sent. To list the messages: holdfast alerts ${context.system} --sent`,
      exitCode: EXIT.failed,
    }
  return { document: { id, queued }, text: `The message ${id} is queued again, and is sent within seconds.` }
}
