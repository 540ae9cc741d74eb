import { randomUUID } from 'node:crypto'
import pc from 'picocolors'
import type { AlertChannel } from '../../../adapters/notify/channel.ts'
import { createChannels } from '../../../adapters/notify/create-channels.ts'
import type { ChannelName } from '../../../contracts/alert-channels.ts'
import type { AlertMessage } from '../../../contracts/alerts.ts'
import { SEVERITIES, type Severity } from '../../../contracts/severity.ts'
import { alertMessage } from '../../../domain/alerts.ts'
import { EXIT } from '../../../errors.ts'
import { printableIn } from '../../../domain/text/printable.ts'
import type { CommandResult } from '../../lib/command.ts'
import type { SharedContext } from '../../lib/context.ts'
import { table } from '../../format/print.ts'

interface ChannelReport {
  readonly channel: ChannelName
  /** The severities of the alerts that it receives. */
  readonly severities: readonly Severity[]
  /** The answers to a test alert that was opened and closed; null where none was sent or accepted. */
  readonly response: string | null
  readonly error: string | null
}

/** Lists the channels of alerts, and with `send` tries each with a test alert that is opened and closed at once. */
export async function checkAlerts(context: SharedContext, send: boolean): Promise<CommandResult> {
  const { alerts, docs, systems } = context.config('alerts', 'docs', 'systems')
  const channels = createChannels(alerts, docs.url)
  if (send)
    await context.acting.begin({ name: 'check alerts --send', kind: 'change', scope: 'every channel' })
  const reports = await Promise.all(
    channels.map(async (channel): Promise<ChannelReport> => {
      const severities = SEVERITIES.filter((severity) => alerts.routes[severity].includes(channel.name))
      const tried = send ? await tryChannel(channel, systems[0] ?? '-') : { response: null, error: null }
      return { channel: channel.name, severities, ...tried }
    }),
  )
  const ok = reports.every(({ error }) => error === null)
  return {
    document: { ok, channels: reports },
    text: reportText(reports, send),
    exitCode: ok ? EXIT.done : EXIT.failed,
  }
}

async function tryChannel(
  channel: AlertChannel,
  system: string,
): Promise<Pick<ChannelReport, 'response' | 'error'>> {
  const now = new Date()
  const finding = { name: 'test-alert', about: channel.name, count: 0, since: now.toISOString() } as const
  const alert = alertMessage(finding, system, { raiseAfterMs: Number.POSITIVE_INFINITY, now })
  const answers: string[] = []
  try {
    for (const state of ['opened', 'closed'] as const) {
      const message: AlertMessage = { ...alert, state }
      answers.push(await channel.send([{ id: randomUUID(), message }]))
    }
    return { response: answers.join('; '), error: null }
  } catch (error) {
    return { response: null, error: error instanceof Error ? error.message : String(error) }
  }
}

function reportText(all: readonly ChannelReport[], send: boolean): string {
  if (all.length === 0)
    return 'No channel is configured: alerts are only logged. The variables: docs/operate/alerts.md'
  const rows = printableIn(all).map(({ channel, severities, response, error }) => [
    channel,
    severities.join(', ') || 'none',
    error === null ? (response === null ? 'not tried' : pc.green(response)) : pc.red(error),
  ])
  const hint = send ? [] : ['To try each of them: holdfast check alerts --send']
  return [table(['CHANNEL', 'SEVERITIES', 'RESULT'], rows), ...hint].join('\n')
}
