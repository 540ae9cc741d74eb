import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Alerts } from '../../src/adapters/notify/alerts.ts'
import { connectAlerts } from '../../src/client/connect-alerts.ts'
import { readAlerts } from '../../src/config/alerts.ts'
import type { AlertFinding, AlertName } from '../../src/contracts/alerts.ts'
import type { AlertSource } from '../../src/domain/alert-sources.ts'
import { createAlertStore } from '../../src/state/mongo/alerts.ts'
import type { AlertStore } from '../../src/state/ports/alerts.ts'
import { holdfast, jsonOf } from '../support/command.ts'
import { openHttpReceiver, type HttpReceiver } from '../support/http-receiver.ts'
import { openMailReceiver, type MailReceiver } from '../support/mail-receiver.ts'
import { openWorld, type World } from '../support/world.ts'

const HOUR_MS = 3_600_000

let world: World
let pager: HttpReceiver
let slack: HttpReceiver
let mail: MailReceiver
let channels: Record<string, string>
let store: AlertStore
/** The lead over the machine's clock, set by the test. */
let laterMs = 0

beforeAll(async () => {
  world = await openWorld()
  pager = await openHttpReceiver()
  slack = await openHttpReceiver('ok')
  mail = await openMailReceiver()
  channels = {
    SLACK_WEBHOOK_URL: slack.url,
    SMTP_URL: mail.url,
    ALERT_EMAIL_TO: 'team@example.com',
    ALERT_ONCALL_EMAIL_TO: 'oncall@example.com',
    PAGERDUTY_ROUTING_KEY: 'routing-key',
    PAGERDUTY_URL: pager.url,
  }
  store = createAlertStore(world.db, 'atproto', () => new Date(Date.now() + laterMs))
})
beforeEach(async () => {
  await world.db.collection('holdfast_alerts').deleteMany({})
  laterMs = 0
  for (const receiver of [pager, slack]) {
    receiver.answer(202)
    receiver.accepted.length = 0
  }
  mail.mails.length = 0
})

/** The alerts of one server, as `http/process.ts` connects them. */
const server = (source: AlertSource, env: Record<string, string> = {}): Alerts =>
  connectAlerts({
    system: 'atproto',
    source,
    store,
    config: { alerts: readAlerts({ ...channels, ...env }), docs: { url: 'docs' } },
    temporal: world.temporal,
    log: () => {},
    warn: () => {},
  })

const found = (name: AlertName, hours = 0): AlertFinding => ({
  name,
  count: 2,
  since: new Date(Date.now() - hours * HOUR_MS).toISOString(),
})
const look = (alerts: Alerts, ...findings: AlertFinding[]) =>
  alerts.reconcile({
    system: 'atproto',
    scope: ['mongo-unreachable', 'pds-unreachable', 'email-taken', 'no-worker'],
    findings,
    lookedAt: new Date(Date.now() + laterMs),
  })

const paged = () =>
  pager.accepted.map(({ body }) => {
    const { event_action: action, dedup_key: key } = JSON.parse(body) as Record<string, string>
    return `${key?.split('/').at(-1)} ${action}`
  })
const slacked = () => slack.accepted.map(({ body }) => (JSON.parse(body) as { text: string }).text)
const mailed = () =>
  mail.mails.map(
    ({ to, raw }) => `${to.join()}: ${/^Subject: \[Holdfast\] (.+(?:\r\n .+)*)\r$/m.exec(raw)?.[1]}`,
  )

describe('the channels of alerts', () => {
  it('hear of a critical alert once from two servers at once, and of its end', async () => {
    const [a, b] = [server('server-a'), server('server-b')]
    await Promise.all([look(a, found('no-worker')), look(b, found('no-worker'))])
    await Promise.all([a.deliver(), b.deliver()])
    expect(paged()).toEqual(['no-worker trigger'])
    expect(slacked()).toEqual(['Opened. Critical: no-worker in atproto'])
    expect(mailed().toSorted()).toEqual([
      'oncall@example.com: Opened. Critical: no-worker in atproto',
      'team@example.com: Opened. Critical: no-worker in atproto',
    ])
    await look(a)
    await look(b)
    await Promise.all([a.deliver(), b.deliver()])
    expect(paged()).toEqual(['no-worker trigger', 'no-worker resolve'])
    expect(slacked().at(-1)).toBe('Closed. Critical: no-worker in atproto')
    expect(mailed()).toHaveLength(4)
  })

  it('hear only what their severity is for, and more once a problem has lasted four hours', async () => {
    const one = server('server-a')
    await look(one, found('email-taken', 1))
    await one.deliver()
    expect(mailed()).toEqual(['team@example.com: Opened. Warning: email-taken in atproto'])
    await world.db
      .collection('holdfast_alerts')
      .updateOne({ name: 'email-taken' }, { $set: { since: new Date(Date.now() - 5 * HOUR_MS) } })
    await look(one, found('email-taken'))
    await look(one, found('email-taken'))
    await one.deliver()
    expect(mailed().slice(1).toSorted()).toEqual([
      'oncall@example.com: Severity raised. High: email-taken in atproto',
      'team@example.com: Severity raised. High: email-taken in atproto',
    ])
    expect(paged()).toEqual([])
  })

  it('that is down for an hour is shown and retried, and delays no other one', async () => {
    const [a, b] = [server('server-a'), server('server-b')]
    pager.answer(503)
    await look(a, found('no-worker'))
    expect(await a.deliver()).toBe(1)
    expect(slacked()).toEqual(['Opened. Critical: no-worker in atproto'])
    laterMs = HOUR_MS
    await look(b, found('no-worker'), found('mongo-unreachable'))
    expect(await b.deliver()).toBe(2)
    expect(slacked()).toHaveLength(2)
    const shown = await holdfast(world.env, 'alerts', 'atproto')
    expect(shown.stdout).toMatch(
      /no-worker \(critical\)[^]+Not delivered yet: 1, PAGERDUTY_ROUTING_KEY answers/,
    )
    pager.answer(202)
    expect(await a.deliver()).toBe(0)
    expect(paged().toSorted()).toEqual(['mongo-unreachable trigger', 'no-worker trigger'])
    expect(slacked()).toHaveLength(2)
  })

  it('that hangs delays no other one', async () => {
    const [a, b] = [server('server-a'), server('server-b')]
    slack.answer('hang')
    await look(a, found('no-worker'))
    const hanging = a.deliver()
    await look(a)
    void b.deliver()
    await expect.poll(() => paged(), { timeout: 60_000 }).toEqual(['no-worker trigger', 'no-worker resolve'])
    expect(await hanging).toBeGreaterThan(0)
  })

  it('hear together what opened while one was waiting for them', async () => {
    const one = server('server-a')
    await look(one, found('pds-unreachable'), found('email-taken'))
    await one.deliver()
    expect(slacked()).toEqual([expect.stringMatching(/^2 alerts: (email-taken|pds-unreachable), /)])
  })

  it('hear in quiet hours of critical alerts alone, and of the others afterwards, unless they are over', async () => {
    const minute = (ms: number) => new Date(Date.now() + ms).toISOString().slice(11, 16)
    const quiet = server('server-a', { HOLDFAST_QUIET_HOURS: `${minute(-HOUR_MS)}-${minute(HOUR_MS)} UTC` })
    await look(quiet, found('no-worker'), found('pds-unreachable'), found('email-taken'))
    await quiet.deliver()
    expect(slacked()).toEqual(['Opened. Critical: no-worker in atproto'])
    await look(quiet, found('no-worker'), found('pds-unreachable'))
    expect(await quiet.deliver()).toBe(0)
    expect(slacked()).toHaveLength(1)
    laterMs = 1.1 * HOUR_MS
    await quiet.deliver()
    expect(slacked().slice(1)).toEqual(['Opened. High: pds-unreachable in atproto'])
  })

  it('show what was sent, and send it again on request', async () => {
    const one = server('server-a')
    await look(one, found('no-worker'))
    await one.deliver()
    const { document } = await jsonOf(world.env, 'alerts', 'atproto', '--sent')
    const sent = document['deliveries'] as { id: string; channel: string; response: string }[]
    expect(sent.map(({ channel }) => channel).toSorted()).toEqual(['email', 'oncall', 'pagerduty', 'slack'])
    const { id = '', response } = sent.find(({ channel }) => channel === 'slack') ?? {}
    expect(response).toBe('HTTP 202: ok')
    expect((await holdfast(world.env, 'alerts', 'atproto', '--resend', id)).code).toBe(0)
    expect((await holdfast(world.env, 'alerts', 'atproto', '--resend', 'unknown')).code).toBe(1)
    await one.deliver()
    expect(slacked()).toHaveLength(2)
    expect(paged()).toHaveLength(1)
  })
})

describe('holdfast check alerts', () => {
  it('tries each channel with an alert that is closed at once, and names one that refuses it', async () => {
    slack.answer(404)
    const env = { ...world.env, ...channels }
    const listed = await jsonOf(env, 'check', 'alerts')
    expect(listed.document).toMatchObject({
      ok: true,
      channels: [{ channel: 'slack', response: null }, {}, {}, {}],
    })
    expect([paged(), mailed()]).toEqual([[], []])
    const { code, stdout } = await holdfast(env, 'check', 'alerts', '--send')
    expect(code).toBe(1)
    expect(stdout).toMatch(/slack +warning, high, critical +SLACK_WEBHOOK_URL answers HTTP 404/)
    expect(paged()).toEqual(['pagerduty trigger', 'pagerduty resolve'])
    expect(mailed()).toHaveLength(4)
  })
})
