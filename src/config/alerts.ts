import { z } from 'zod'
import { CHANNEL_NAMES, type ChannelName } from '../contracts/alert-channels.ts'
import { SEVERITIES, type Severity } from '../contracts/severity.ts'
import { DEFAULT_ROUTES, type AlertRoutes, type QuietHours } from '../domain/alert-routes.ts'
import { ConfigError, read, type Env } from './read.ts'
import { alertUrl, hours, minutes, pageUrl, text, url } from './values.ts'

/** How alerts reach people and programs; null for a channel that is not configured. */
export interface AlertChannels {
  /** `HOLDFAST_ALERT_URL`. */
  readonly url: string | null
  readonly webhook: { readonly url: string; readonly secret: string } | null
  readonly slackUrl: string | null
  readonly email: {
    readonly smtpUrl: string
    readonly from: string
    readonly to: readonly string[]
    readonly onCall: readonly string[]
  } | null
  readonly pagerDuty: { readonly url: string; readonly routingKey: string } | null
}

export interface AlertConfig extends AlertChannels {
  readonly routes: AlertRoutes
  readonly quiet: QuietHours | null
  /** A problem that lasts longer is one severity higher. */
  readonly raiseAfterMs: number
  /** Minutes for which a signup must be blocked before there is an alert about it. */
  readonly blockedMinutes: number
  /** Minutes that catch-up may be behind. */
  readonly lagMinutes: number
}

const address = z.email({ error: 'must be an e-mail address' })
const addresses = text.transform((value) => value.split(',').map((one) => one.trim())).pipe(z.array(address))
const secret = text.regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, {
  error: 'must be whsec_ and at least 24 bytes in base64: echo "whsec_$(openssl rand -base64 32)"',
})
const PAGERDUTY = 'https://events.pagerduty.com'

/** Reads the section `alerts`. Throws one `ConfigError` that names everything that is wrong. */
export function readAlerts(env: Env): AlertConfig {
  const found = read(env, {
    HOLDFAST_ALERT_URL: alertUrl.optional(),
    HOLDFAST_ALERT_WEBHOOK_URL: alertUrl.optional(),
    HOLDFAST_ALERT_WEBHOOK_SECRET: secret.optional(),
    SLACK_WEBHOOK_URL: alertUrl.optional(),
    SMTP_URL: url(['smtp:', 'smtps:']).optional(),
    ALERT_EMAIL_FROM: address.optional(),
    ALERT_EMAIL_TO: addresses.optional(),
    ALERT_ONCALL_EMAIL_TO: addresses.optional(),
    PAGERDUTY_ROUTING_KEY: text.optional(),
    PAGERDUTY_URL: pageUrl.default(PAGERDUTY),
    HOLDFAST_ALERT_ROUTES: routes.optional(),
    HOLDFAST_QUIET_HOURS: quietHours.optional(),
    HOLDFAST_ALERT_BLOCKED_MINUTES: minutes.default(15),
    HOLDFAST_ALERT_RAISE_HOURS: hours.default(4),
    HOLDFAST_ALERT_LAG_MINUTES: minutes.default(15),
  })
  const to = found.ALERT_EMAIL_TO ?? []
  const onCall = found.ALERT_ONCALL_EMAIL_TO ?? []
  const from = found.ALERT_EMAIL_FROM ?? userOf(found.SMTP_URL)
  const wrong = [
    ...pair(found, 'HOLDFAST_ALERT_WEBHOOK_URL', 'HOLDFAST_ALERT_WEBHOOK_SECRET'),
    ...pair(found, 'HOLDFAST_ALERT_WEBHOOK_SECRET', 'HOLDFAST_ALERT_WEBHOOK_URL'),
    ...(found.SMTP_URL === undefined && [...to, ...onCall].length > 0
      ? ['SMTP_URL is missing: ALERT_EMAIL_TO and ALERT_ONCALL_EMAIL_TO need it']
      : []),
    ...(found.SMTP_URL !== undefined && to.length + onCall.length === 0
      ? ['ALERT_EMAIL_TO is missing: SMTP_URL needs it, or ALERT_ONCALL_EMAIL_TO']
      : []),
    ...(found.SMTP_URL !== undefined && from === null
      ? [
          "ALERT_EMAIL_FROM is missing: the user of SMTP_URL is no e-mail address, which would be the sender's",
        ]
      : []),
  ]
  if (wrong.length > 0) throw new ConfigError(wrong)
  const { HOLDFAST_ALERT_WEBHOOK_URL: webhookUrl, HOLDFAST_ALERT_WEBHOOK_SECRET: webhookSecret } = found
  return {
    url: found.HOLDFAST_ALERT_URL ?? null,
    webhook:
      webhookUrl === undefined || webhookSecret === undefined
        ? null
        : { url: webhookUrl, secret: webhookSecret },
    slackUrl: found.SLACK_WEBHOOK_URL ?? null,
    email:
      found.SMTP_URL === undefined || from === null ? null : { smtpUrl: found.SMTP_URL, from, to, onCall },
    pagerDuty:
      found.PAGERDUTY_ROUTING_KEY === undefined
        ? null
        : { url: new URL(found.PAGERDUTY_URL).origin, routingKey: found.PAGERDUTY_ROUTING_KEY },
    routes: { ...DEFAULT_ROUTES, ...found.HOLDFAST_ALERT_ROUTES },
    quiet: found.HOLDFAST_QUIET_HOURS ?? null,
    raiseAfterMs: found.HOLDFAST_ALERT_RAISE_HOURS * 3_600_000,
    blockedMinutes: found.HOLDFAST_ALERT_BLOCKED_MINUTES,
    lagMinutes: found.HOLDFAST_ALERT_LAG_MINUTES,
  }
}

function pair(found: Readonly<Record<string, unknown>>, one: string, other: string): string[] {
  return found[one] !== undefined && found[other] === undefined
    ? [`${other} is missing: ${one} needs it`]
    : []
}

/** The user in the address of a mail server, where it is an e-mail address. */
function userOf(smtpUrl: string | undefined): string | null {
  const user = smtpUrl === undefined ? '' : decodeURIComponent(new URL(smtpUrl).username)
  return address.safeParse(user).success ? user : null
}

/** `high=slack+oncall,critical=slack+oncall+pagerduty`. A severity that is left out keeps its default. */
const routes = text.transform((value, context): Partial<Record<Severity, readonly ChannelName[]>> => {
  const parts = value.split(',').map((part) => part.split('=').map((side) => side.trim()))
  const routed = parts.flatMap(([name = '', channels = '']) => {
    const severity = SEVERITIES.find((known) => known === name)
    const asked = channels === 'none' ? [] : channels.split('+').map((one) => one.trim())
    const to = CHANNEL_NAMES.filter((known) => asked.includes(known))
    return severity === undefined || to.length !== asked.length ? [] : [[severity, to] as const]
  })
  if (routed.length !== parts.length)
    context.addIssue({
      code: 'custom',
      message: `must be <severity>=<channel>+<channel>, separated by commas; severities: ${SEVERITIES.join(', ')}; channels: ${CHANNEL_NAMES.join(', ')}, or none`,
    })
  return Object.fromEntries(routed)
})

/** `22:00-07:00 Europe/Berlin`; UTC where no time zone is given. */
const quietHours = text.transform((value, context): QuietHours => {
  const found = /^(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})(?:\s+(\S+))?$/.exec(value)
  const [, fromHour, fromMinute, toHour, toMinute, timeZone = 'UTC'] = found ?? []
  const from = Number(fromHour) * 60 + Number(fromMinute)
  const to = Number(toHour) * 60 + Number(toMinute)
  if (found === null || from >= 1_440 || to >= 1_440 || from === to || !isTimeZone(timeZone))
    context.addIssue({
      code: 'custom',
      message: 'must be a time of the day and a time zone, such as 22:00-07:00 Europe/Berlin',
    })
  return { from, to, timeZone }
})

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name }).format()
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}
