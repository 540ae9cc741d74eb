import type { Client } from '@temporalio/client'
import { createAlerts, type Alerts, type AlertsDeps } from '../adapters/notify/alerts.ts'
import { createChannels } from '../adapters/notify/create-channels.ts'
import { createUnstoredAlerts } from './unstored-alerts.ts'
import type { AlertMessage } from '../contracts/alerts.ts'
import type { System } from '../contracts/systems.ts'
import type { Sections } from '../config.ts'
import { recipientsOf } from '../domain/alert-routes.ts'
import { problemPage } from '../domain/text/problem-page.ts'

type LoggedAlert = Omit<AlertMessage, 'state' | 'sentence'> & {
  readonly more: string
}

interface AlertConnections extends Pick<AlertsDeps, 'source' | 'store' | 'warn'> {
  readonly system: System
  readonly config: Pick<Sections, 'alerts' | 'docs'>
  readonly temporal: Client
  readonly log: (level: 'info' | 'warn', text: string, fields: { readonly alert: LoggedAlert }) => void
}

/** Alerts of a process: sent to the configured channels, if any, and logged in any case. */
export function connectAlerts({ system, config, temporal, log, ...own }: AlertConnections): Alerts {
  const { routes, quiet, raiseAfterMs } = config.alerts
  const channels = createChannels(config.alerts, config.docs.url)
  const routing = { routes, quiet, channels: channels.map(({ name }) => name) }
  return createAlerts({
    ...own,
    unstored: createUnstoredAlerts(temporal, system),
    channels,
    routing: ({ severity }) => recipientsOf(routing, severity, new Date()),
    raiseAfterMs,
    log: ({ state, sentence, ...rest }) =>
      log(state === 'closed' ? 'info' : 'warn', `alert ${state}: ${sentence}`, {
        alert: { ...rest, more: problemPage(rest.name, config.docs.url) },
      }),
  })
}
