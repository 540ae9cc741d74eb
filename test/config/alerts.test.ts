import { describe, expect, it } from 'vitest'
import { readAlerts } from '../../src/config/alerts.ts'

describe('the channels of alerts', () => {
  it('are none without variables, and then all defaults apply', () => {
    expect(readAlerts({})).toMatchObject({
      url: null,
      webhook: null,
      slackUrl: null,
      email: null,
      pagerDuty: null,
      quiet: null,
      blockedMinutes: 15,
      raiseAfterMs: 4 * 3_600_000,
    })
  })

  it.each<[string, Record<string, string>, string]>([
    [
      'a webhook without a secret',
      { HOLDFAST_ALERT_WEBHOOK_URL: 'https://a.example' },
      'HOLDFAST_ALERT_WEBHOOK_SECRET is missing',
    ],
    ['recipients without a mail server', { ALERT_EMAIL_TO: 'a@example.com' }, 'SMTP_URL is missing'],
    ['a mail server without recipients', { SMTP_URL: 'smtp://mail.example' }, 'ALERT_EMAIL_TO is missing'],
    [
      'a mail server whose user is no address, without a sender',
      { SMTP_URL: 'smtp://mail.example', ALERT_EMAIL_TO: 'a@example.com' },
      'ALERT_EMAIL_FROM is missing',
    ],
    ['a recipient that is no address', { ALERT_EMAIL_TO: 'a@example.com,team' }, 'ALERT_EMAIL_TO'],
    [
      'a secret that is not one',
      { HOLDFAST_ALERT_WEBHOOK_SECRET: 'secret' },
      'HOLDFAST_ALERT_WEBHOOK_SECRET must be whsec_',
    ],
    ['an unknown severity', { HOLDFAST_ALERT_ROUTES: 'severe=slack' }, 'HOLDFAST_ALERT_ROUTES must be'],
    ['an unknown channel', { HOLDFAST_ALERT_ROUTES: 'high=telegram' }, 'HOLDFAST_ALERT_ROUTES must be'],
    [
      'an unknown time zone',
      { HOLDFAST_QUIET_HOURS: '22:00-07:00 Mars/Olympus' },
      'HOLDFAST_QUIET_HOURS must be',
    ],
    ['an hour that does not exist', { HOLDFAST_QUIET_HOURS: '25:00-07:00' }, 'HOLDFAST_QUIET_HOURS must be'],
  ])('%s is refused', (_, env, message) => {
    expect(() => readAlerts(env)).toThrow(message)
  })

  it('has other routes for the severities that are named, and the defaults for the others', () => {
    const { routes, quiet } = readAlerts({
      HOLDFAST_ALERT_ROUTES: 'warning=none, high = pagerduty + slack',
      HOLDFAST_QUIET_HOURS: '22:00-07:30 Europe/Berlin',
    })
    expect(routes.warning).toEqual([])
    expect(routes.high).toEqual(['slack', 'pagerduty'])
    expect(routes.critical).toContain('oncall')
    expect(quiet).toEqual({ from: 1_320, to: 450, timeZone: 'Europe/Berlin' })
  })
})
