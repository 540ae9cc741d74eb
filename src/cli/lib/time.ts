import { InvalidArgumentError } from 'commander'
import { parseDate, parseSpan } from '../../domain/typed-time.ts'

/** A duration as typed (`30m`, `12h`, `90d`), in milliseconds; no option takes seconds. */
export function parseDuration(value: string): number {
  const span = value.endsWith('s') ? null : parseSpan(value)
  if (span === null)
    throw new InvalidArgumentError('It must be a number of minutes, hours or days, such as 30m, 12h or 90d.')
  return span
}

/** A time in the future: a date, a time of ISO 8601, or a duration from now (`30d`). */
export function parseFutureDate(value: string): Date {
  const span = value.endsWith('s') ? null : parseSpan(value)
  const moment = span === null ? parseDate(value) : new Date(Date.now() + span)
  if (moment === null || !(moment.getTime() > Date.now()))
    throw new InvalidArgumentError('It must be in the future: a date such as 2030-01-31, or 30d.')
  return moment
}
