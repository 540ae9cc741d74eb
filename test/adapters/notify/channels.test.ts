import { createServer, type AddressInfo } from 'node:net'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Webhook } from 'standardwebhooks'
import { createChannels } from '../../../src/adapters/notify/create-channels.ts'
import { createEmailChannel } from '../../../src/adapters/notify/channels/email.ts'
import type { AlertChannel } from '../../../src/adapters/notify/channel.ts'
import { readAlerts } from '../../../src/config/alerts.ts'
import type { ChannelName } from '../../../src/contracts/alert-channels.ts'
import type { AlertMessage } from '../../../src/contracts/alerts.ts'
import { atEnd } from '../../support/at-end.ts'
import { openHttpReceiver, type HttpReceiver } from '../../support/http-receiver.ts'
import { openMailReceiver, type MailReceiver } from '../../support/mail-receiver.ts'

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

let http: HttpReceiver
let mail: MailReceiver
let channels: AlertChannel[]

beforeAll(async () => {
  http = await openHttpReceiver('ok')
  mail = await openMailReceiver()
  channels = createChannels(
    readAlerts({
      HOLDFAST_ALERT_URL: `${http.url}/plain`,
      HOLDFAST_ALERT_WEBHOOK_URL: `${http.url}/signed`,
      HOLDFAST_ALERT_WEBHOOK_SECRET: SECRET,
      SLACK_WEBHOOK_URL: `${http.url}/services/T0/B0/token`,
      SMTP_URL: mail.url,
      ALERT_EMAIL_TO: 'ops@example.com, team@example.com',
      ALERT_ONCALL_EMAIL_TO: 'oncall@example.com',
      PAGERDUTY_ROUTING_KEY: 'routing-key',
      PAGERDUTY_URL: http.url,
    }),
    'https://docs.example.com',
  )
})
beforeEach(() => {
  http.answer(202)
  http.accepted.length = 0
  mail.refuse(false)
  mail.mails.length = 0
})

const alert: AlertMessage = {
  name: 'pds-unreachable',
  system: 'atproto',
  state: 'opened',
  severity: 'high',
  title: 'High: pds-unreachable in atproto',
  sentence: 'The PDS <does> not answer & waits.',
  fix: 'Bring the PDS back.',
  since: '2026-11-29T06:55:54.000Z',
  count: 12,
  consequences: ['watch-late: It is late.'],
  people: ['5f0c', 'a1b2'],
  dedupKey: 'holdfast/atproto/pds-unreachable',
}
/** A mail server that sends a line of its greeting again and again; `closed` once its client has gone. */
async function openTalker() {
  const closed = Promise.withResolvers<void>()
  const server = createServer((socket) => {
    const talk = setInterval(() => socket.write('220-still here\r\n'), 50)
    socket.on('error', () => {}) // the client resets the connection
    socket.on('close', () => {
      clearInterval(talk)
      closed.resolve()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  atEnd(() => new Promise<void>((resolve) => server.close(() => resolve())))
  const { port } = server.address() as AddressInfo
  return { url: `smtp://127.0.0.1:${port}`, closed: closed.promise }
}

const closed: AlertMessage = { ...alert, state: 'closed' }

const send = (name: ChannelName, ...messages: AlertMessage[]): Promise<string> => {
  const channel = channels.find((one) => one.name === name)
  if (channel === undefined) throw new Error(`no channel ${name}`)
  return channel.send(messages.map((message, index) => ({ id: `id-${index}`, message })))
}
const bodies = () => http.accepted.map(({ body }) => JSON.parse(body) as Record<string, unknown>)

describe('PagerDuty', () => {
  it('triggers an incident with the dedup key, and resolves it when the alert closes', async () => {
    expect(await send('pagerduty', alert)).toBe('HTTP 202: ok')
    await send('pagerduty', closed)
    expect(http.accepted.map(({ path }) => path)).toEqual(['/v2/enqueue', '/v2/enqueue'])
    expect(bodies()).toMatchObject([
      {
        routing_key: 'routing-key',
        dedup_key: alert.dedupKey,
        event_action: 'trigger',
        links: [{ href: 'https://docs.example.com/problems.md#pds-unreachable' }],
        payload: {
          summary: `${alert.title}. ${alert.sentence}`,
          source: 'holdfast/atproto',
          severity: 'error',
          timestamp: alert.since,
          custom_details: { count: 12, fix: alert.fix, people: alert.people },
        },
      },
      { routing_key: 'routing-key', dedup_key: alert.dedupKey, event_action: 'resolve' },
    ])
  })

  it('says what refuses it, and not the key', async () => {
    http.answer(400)
    await expect(send('pagerduty', alert)).rejects.toThrow(/^PAGERDUTY_ROUTING_KEY answers HTTP 400$/)
  })
})

describe('the signed webhook', () => {
  it("has a signature that the library's own verifier accepts, over the posted alert", async () => {
    await send('webhook', alert)
    const [request] = http.accepted
    const headers = Object.fromEntries(
      Object.entries(request?.headers ?? {}).map(([name, value]) => [name, String(value)]),
    )
    expect(new Webhook(SECRET).verify(request?.body ?? '', headers)).toEqual({
      ...alert,
      more: 'https://docs.example.com/problems.md#pds-unreachable',
    })
    expect(headers['webhook-id']).toBe('id-0')
    expect(() => new Webhook(SECRET).verify(`${request?.body} `, headers)).toThrow()
  })
})

describe('HOLDFAST_ALERT_URL', () => {
  it('receives the alert as JSON, with the page that explains it', async () => {
    await send('http', closed)
    expect(bodies()).toEqual([{ ...closed, more: 'https://docs.example.com/problems.md#pds-unreachable' }])
  })
})

describe('Slack', () => {
  it('receives several alerts as one message of blocks, with markup escaped', async () => {
    await send('slack', alert, { ...closed, name: 'no-worker', title: 'Critical: no-worker in atproto' })
    const [message] = bodies()
    expect(http.accepted).toHaveLength(1)
    expect(message?.['text']).toBe('1 alert: pds-unreachable; 1 closed: no-worker')
    const text = JSON.stringify(message?.['blocks'])
    expect(text).toContain('The PDS &lt;does&gt; not answer &amp; waits.')
    expect(text).toContain('*What to do:* Bring the PDS back.')
    expect(text).toContain('watch-late: It is late.')
    expect(text).toContain('Since 2026-11-29T06:55:54.000Z. Count: 12. People: 5f0c, a1b2.')
    expect(text).toContain('<https://docs.example.com/problems.md#pds-unreachable|pds-unreachable>')
    expect(text).toContain('Closed. Critical: no-worker in atproto')
  })

  it('says what refuses it, and not its address', async () => {
    http.answer(404)
    await expect(send('slack', alert)).rejects.toThrow(/^SLACK_WEBHOOK_URL answers HTTP 404$/)
  })
})

describe('e-mail', () => {
  it('is cut off where the mail server talks on without an end, and not accepted later', async () => {
    const talker = await openTalker()
    const options = { name: 'email', from: 'from@example.com', to: ['ops@example.com'], sendMs: 500 } as const
    const channel = createEmailChannel({ ...options, smtpUrl: talker.url }, 'docs')
    await expect(channel.send([{ id: '1', message: alert }])).rejects.toThrow(
      /^SMTP_URL: not accepted in time$/,
    )
    await talker.closed
    expect(channels.filter(({ name }) => name === 'email').map(({ leaseMs }) => leaseMs)).toEqual([180_000])
  })

  it('reaches everybody named, as text and as HTML, from the user of the mail server', async () => {
    expect(await send('email', alert)).toMatch(/^250 /)
    const [received] = mail.mails
    expect(received?.to).toEqual(['ops@example.com', 'team@example.com'])
    const raw = (received?.raw ?? '').replaceAll('=\r\n', '') // quoted-printable breaks long lines
    expect(raw).toMatch(/^From: alerts@example\.com\r$/m)
    expect(raw).toMatch(/^Subject: \[Holdfast\] Opened\. High: pds-unreachable in atproto\r$/m)
    expect(raw).toContain('Content-Type: text/plain')
    expect(raw).toContain('Content-Type: text/html')
    expect(raw).toContain('The PDS &lt;does&gt; not answer &amp; waits.')
    expect(raw).toContain('What to do: Bring the PDS back.')
  })

  it('to the person on call goes to them alone; alerts that wait together are one', async () => {
    await send('oncall', alert, closed)
    expect(mail.mails.map(({ to }) => to)).toEqual([['oncall@example.com']])
    expect(mail.mails[0]?.raw).toContain('Closed. High: pds-unreachable in atproto')
  })

  it('sends no password in clear text to another host, unless its address allows it', async () => {
    const other = mail.url.replace('127.0.0.1', '0.0.0.0') // it is reached there too, by a name that is not loopback
    const sendTo = async (smtpUrl: string) => {
      const [channel] = createChannels(
        readAlerts({ SMTP_URL: smtpUrl, ALERT_EMAIL_TO: 'ops@example.com' }),
        'docs',
      )
      return channel?.send([{ id: '1', message: alert }])
    }
    await expect(sendTo(other)).rejects.toThrow(/^SMTP_URL: ESOCKET$/) // its certificate is not trusted
    expect(mail.mails).toEqual([])
    expect(await sendTo(`${other}/?requireTLS=false`)).toMatch(/^250 /)
  })

  it('says what the mail server answered, and not its password', async () => {
    mail.refuse(true)
    await expect(send('email', alert)).rejects.toThrow(/^SMTP_URL: EMESSAGE 451$/)
    const [wrong] = createChannels(
      readAlerts({ SMTP_URL: mail.url.replace('p%40ss', 'other'), ALERT_EMAIL_TO: 'ops@example.com' }),
      'docs',
    )
    await expect(wrong?.send([{ id: '1', message: alert }])).rejects.toThrow(/^SMTP_URL: EAUTH 535$/)
  })
})
