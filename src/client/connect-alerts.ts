import type { Client } from '@temporalio/client'
import { createAlertHook } from '../adapters/notify/alert-hook.ts'
import { createAlerts, type Alerts, type AlertsDeps } from '../adapters/notify/alerts.ts'
import { createUnstoredAlerts } from './unstored-alerts.ts'
import type { AlertMessage } from '../contracts/alerts.ts'
import type { System } from '../contracts/systems.ts'
import type { Sections } from '../config.ts'
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

/** Alerts of a process: sent to the configured channel, if any, and logged in any case. */
export function connectAlerts({ system, config, temporal, log, ...own }: AlertConnections): Alerts {
  return createAlerts({
    ...own,
    unstored: createUnstoredAlerts(temporal, system),
    channel: config.alerts.url === null ? null : createAlertHook(config.alerts.url, config.docs.url),
    log: ({ state, sentence, ...rest }) =>
      log(state === 'closed' ? 'info' : 'warn', `alert ${state}: ${sentence}`, {
        alert: { ...rest, more: problemPage(rest.name, config.docs.url) },
      }),
  })
}
