import { describe, expect, it } from 'vitest'
import { CHANNEL_NAMES } from '../../src/contracts/alert-channels.ts'
import { DEFAULT_ROUTES, quietUntil, recipientsOf, type QuietHours } from '../../src/domain/alert-routes.ts'

const NIGHT: QuietHours = { from: 22 * 60, to: 7 * 60, timeZone: 'Europe/Berlin' }
const at = (time: string): Date => new Date(time)
const until = (quiet: QuietHours, time: string) => quietUntil(quiet, at(time))?.toISOString() ?? null

describe('the channels of a severity', () => {
  const routing = { routes: DEFAULT_ROUTES, quiet: null, channels: CHANNEL_NAMES }
  const names = (severity: 'warning' | 'high' | 'critical') =>
    recipientsOf(routing, severity, at('2026-01-01T00:00:00Z')).map(({ channel }) => channel)

  it('grow with it: chat and e-mail, then the person on call, then the pager', () => {
    expect(names('warning')).toEqual(['http', 'webhook', 'slack', 'email'])
    expect(names('high')).toEqual([...names('warning'), 'oncall'])
    expect(names('critical')).toEqual([...names('high'), 'pagerduty'])
  })

  it('are those that are configured', () => {
    const some = recipientsOf({ ...routing, channels: ['email'] }, 'critical', new Date())
    expect(some).toEqual([{ channel: 'email', notBefore: null }])
  })

  it('hear of all but critical alerts only when the quiet hours are over', () => {
    const quiet = { ...routing, quiet: NIGHT, channels: ['slack' as const] }
    const night = at('2026-01-10T02:00:00Z')
    expect(recipientsOf(quiet, 'high', night)).toEqual([
      { channel: 'slack', notBefore: at('2026-01-10T06:00:00Z') },
    ])
    expect(recipientsOf(quiet, 'critical', night)).toEqual([{ channel: 'slack', notBefore: null }])
  })
})

describe('quiet hours', () => {
  it.each([
    ['before them', '2026-01-10T20:59:59Z', null],
    ['at their beginning', '2026-01-10T21:00:00Z', '2026-01-11T06:00:00.000Z'],
    ['after midnight', '2026-01-11T05:59:59Z', '2026-01-11T06:00:00.000Z'],
    ['at their end', '2026-01-11T06:00:00Z', null],
    ['in summer', '2026-07-10T20:30:00Z', '2026-07-11T05:00:00.000Z'],
    ['in the night to summer time', '2026-03-28T23:00:00Z', '2026-03-29T05:00:00.000Z'],
    ['in the night to winter time', '2026-10-24T22:00:00Z', '2026-10-25T06:00:00.000Z'],
  ])('%s', (_, now, end) => {
    expect(until(NIGHT, now)).toBe(end)
  })

  it('may lie within a day', () => {
    const noon: QuietHours = { from: 12 * 60, to: 13 * 60, timeZone: 'UTC' }
    expect(until(noon, '2026-01-10T12:30:30Z')).toBe('2026-01-10T13:00:00.000Z')
    expect(until(noon, '2026-01-10T11:59:00Z')).toBeNull()
    expect(until(noon, '2026-01-10T13:00:00Z')).toBeNull()
  })
})
