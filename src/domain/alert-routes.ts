import type { ChannelName } from '../contracts/alert-channels.ts'
import type { Severity } from '../contracts/severity.ts'

/** A time of each day, in minutes after midnight in a time zone, in which only critical alerts are sent. */
export interface QuietHours {
  readonly from: number
  readonly to: number
  /** As `Intl` names it: `Europe/Berlin`. */
  readonly timeZone: string
}

export type AlertRoutes = Readonly<Record<Severity, readonly ChannelName[]>>

/**
 * By default everybody hears of a warning in the chat and by e-mail, the person on call of a high alert too, and the
 * pager of a critical one. Programs hear of all.
 */
export const DEFAULT_ROUTES: AlertRoutes = {
  warning: ['http', 'webhook', 'slack', 'email'],
  high: ['http', 'webhook', 'slack', 'email', 'oncall'],
  critical: ['http', 'webhook', 'slack', 'email', 'oncall', 'pagerduty'],
}

export interface AlertRouting {
  readonly routes: AlertRoutes
  readonly quiet: QuietHours | null
  /** The channels that are configured. */
  readonly channels: readonly ChannelName[]
}

/** The channels to which a message goes, each with the time until which it is held back. */
export function recipientsOf(
  { routes, quiet, channels }: AlertRouting,
  severity: Severity,
  now: Date,
): { readonly channel: ChannelName; readonly notBefore: Date | null }[] {
  const notBefore = severity === 'critical' || quiet === null ? null : quietUntil(quiet, now)
  return routes[severity].filter((name) => channels.includes(name)).map((channel) => ({ channel, notBefore }))
}

const DAY = 24 * 60
const MINUTE_MS = 60_000

/** The end of the quiet hours that `now` lies in; null outside of them. */
export function quietUntil({ from, to, timeZone }: QuietHours, now: Date): Date | null {
  const minute = minuteOfDay(now, timeZone)
  const isQuiet = from < to ? minute >= from && minute < to : minute >= from || minute < to
  if (!isQuiet) return null
  const startOfMinute = Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS
  const end = new Date(startOfMinute + ((to - minute + DAY) % DAY) * MINUTE_MS)
  // The time is an hour off if the clock is changed in between.
  const off = ((to - minuteOfDay(end, timeZone) + DAY + DAY / 2) % DAY) - DAY / 2
  return new Date(end.getTime() + off * MINUTE_MS)
}

function minuteOfDay(at: Date, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
    .formatToParts(at)
    .map(({ type, value }): [string, number] => [type, Number(value)])
  const { hour = 0, minute = 0 } = Object.fromEntries(parts)
  return hour * 60 + minute
}
