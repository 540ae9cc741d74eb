import { InvalidArgumentError } from 'commander'

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const SPAN = /^(\d+)([mhd])$/

/** A length of time as somebody writes it (`30m`, `12h`, `90d`), in milliseconds. */
export function span(value: string): number {
  const [, count, unit] = SPAN.exec(value) ?? []
  if (count === undefined || unit === undefined)
    throw new InvalidArgumentError('It is a number of minutes, hours or days, such as 30m, 12h or 90d.')
  return Number(count) * UNITS[unit as keyof typeof UNITS]
}

/** A moment to come: a date, a time of ISO 8601, or how far away it is (`30d`). */
export function comingMoment(value: string): Date {
  const moment = SPAN.test(value) ? new Date(Date.now() + span(value)) : new Date(value)
  if (!(moment.getTime() > Date.now()) || (!SPAN.test(value) && !/^\d{4}-\d{2}-\d{2}/.test(value)))
    throw new InvalidArgumentError('It is a time to come: a date such as 2030-01-31, or 30d.')
  return moment
}
