import { Hono } from 'hono'
import { beforeAll, describe, expect, it } from 'vitest'
import { STORED_METRICS, type Sample } from '../../../src/http/metrics/definitions.ts'
import { createMetrics, type Metrics } from '../../../src/http/metrics/registry.ts'
import { measureRequests } from '../../../src/http/metrics/requests.ts'
import { alertSamples, totalSamples } from '../../../src/http/metrics/samples.ts'
import { yearTotals } from '../../../src/http/metrics/sources.ts'
import type { Total } from '../../../src/state/ports/totals.ts'
import type { AlertRecord } from '../../../src/contracts/alerts.ts'

const total = (name: Total['name'], key: string, count: number): Total => ({
  name,
  key,
  at: '2026-11-30T00:00:00.000Z',
  count,
})
const totals = [
  total('begun', 'all', 9),
  total('signups', 'completed', 5),
  total('blocked', 'pds-unreachable', 2),
  total('blocked', 'jane@example.com', 3),
  total('times', '5', 3),
  total('times', '60', 1),
  total('gaps', 'user-missing', 4),
]

let loads = 0
let isAway = false
const open = (samples: () => Sample[]): Metrics =>
  createMetrics({
    build: '0.1.0+test',
    withNode: false,
    onFailure: () => {},
    systems: [
      {
        system: 'atproto',
        sources: [
          {
            name: 'totals',
            everyMs: 60_000,
            load: async () => {
              loads += 1
              if (isAway) throw new Error('away')
              return samples()
            },
          },
        ],
      },
    ],
  })

describe('the page of metrics', () => {
  let page = ''
  beforeAll(async () => {
    page = await open(() => totalSamples('atproto', totals)).page()
  })

  it('has the totals, with a zero for what did not happen yet', () => {
    expect(page).toContain('holdfast_signups_begun_total{system="atproto"} 9\n')
    expect(page).toContain('holdfast_signups_ended_total{system="atproto",outcome="completed"} 5\n')
    expect(page).toContain('holdfast_signups_ended_total{system="atproto",outcome="refused"} 0\n')
    expect(page).toContain('holdfast_signups_failing_total{system="atproto",problem="pds-unreachable"} 2\n')
    expect(page).toContain('holdfast_gaps{system="atproto",kind="user-missing"} 4\n')
  })

  it('has the times as a histogram, whose buckets include the shorter ones', () => {
    expect(page).toContain('# TYPE holdfast_signup_duration_seconds histogram')
    for (const [le, count] of [
      ['5', 3],
      ['15', 3],
      ['60', 4],
      ['+Inf', 4],
    ] as const)
      expect(page).toContain(
        `holdfast_signup_duration_seconds_bucket{system="atproto",le="${le}"} ${count}\n`,
      )
    expect(page).toContain('holdfast_signup_duration_seconds_count{system="atproto"} 4\n')
  })

  it('has no text of a store as a label: what it has no word for is counted together', () => {
    expect(page).not.toContain('jane')
    expect(page).toContain('holdfast_signups_failing_total{system="atproto",problem="other"} 3\n')
    const odd = { name: 'x"} 1\nevil', open: true, undelivered: 2 } as unknown as AlertRecord
    const alerts = alertSamples('atproto', [odd])
    expect(JSON.stringify(alerts)).not.toContain('evil')
    expect(alerts).toContainEqual({ name: 'holdfast_alerts_open', labels: { alert: 'other' }, value: 1 })
  })

  it('has only names that begin with holdfast_, each described', () => {
    const names = page.split('\n').flatMap((line) => /^# HELP (\S+) \S/.exec(line)?.[1] ?? [])
    expect(names).toEqual(expect.arrayContaining(Object.keys(STORED_METRICS)))
    expect(names.filter((name) => !name.startsWith('holdfast_'))).toEqual([])
  })

  it('costs one load for fifty scrapes at once, and keeps the last values while the store is away', async () => {
    loads = 0
    const metrics = open(() => totalSamples('atproto', totals))
    const pages = await Promise.all(Array.from({ length: 50 }, () => metrics.page()))
    expect(loads).toBe(1)
    expect(pages.every((one) => one.includes('holdfast_signups_begun_total{system="atproto"} 9\n'))).toBe(
      true,
    )
    expect(pages[0]).toContain('holdfast_source_up{system="atproto",source="totals"} 1\n')
    isAway = true
    const dark = await open(() => []).page()
    isAway = false
    expect(dark).toContain('holdfast_source_up{system="atproto",source="totals"} 0\n')
    expect(dark).toContain('holdfast_build_info{build="0.1.0+test"} 1')
  })

  it('measures requests by the pattern of their route, by few methods and statuses', async () => {
    const metrics = open(() => [])
    const app = new Hono()
    app.use(measureRequests(metrics))
    const webhook = new Hono()
    webhook.post('/:tenant', (c) => c.json({}, c.req.header('authorization') ? 200 : 401))
    app.route('/webhooks/auth0', webhook)
    app.get('/fails', () => {
      throw new Error('fails')
    })
    app.onError((_, c) => c.json({}, 503))
    app.notFound((c) => c.json({}, 404))
    for (const tenant of ['aesthetic', 'jane@example.com', '%7Cx'])
      await app.request(`/webhooks/auth0/${tenant}`, { method: 'POST' })
    await app.request('/webhooks/auth0/a', { method: 'POST', headers: { authorization: 'x' } })
    for (const path of ['/fails', '/auth0%7Cjane', '/wp-admin/x'])
      await app.request(path, { method: path === '/fails' ? 'GET' : 'PROPFIND' })
    const counts = (await metrics.page())
      .split('\n')
      .filter((line) => line.startsWith('holdfast_http_request_duration_seconds_count'))
      .map((line) => line.slice(line.indexOf('{')))
    expect(counts.toSorted()).toEqual([
      '{route="/fails",method="GET",status="503"} 1',
      '{route="/webhooks/auth0/:tenant",method="POST",status="200"} 1',
      '{route="/webhooks/auth0/:tenant",method="POST",status="401"} 3',
      '{route="unknown",method="other",status="404"} 2',
    ])
  })
})

describe('the totals of a year', () => {
  it('are read once a day for the days that are over, and never decrease within the year', async () => {
    const asked: string[] = []
    let now = new Date('2026-03-02T10:00:00Z')
    const read = yearTotals(
      {
        list: (_by, { from, to }) => {
          asked.push(`${from.toISOString().slice(0, 10)} ${to.toISOString().slice(0, 10)}`)
          return Promise.resolve([total('signups', 'completed', 1)])
        },
      },
      () => now,
    )
    await read()
    expect(await read()).toHaveLength(2)
    now = new Date('2026-03-03T00:00:01Z')
    await read()
    expect(asked).toEqual([
      '2026-01-01 2026-03-01',
      '2026-03-01 2026-03-03',
      '2026-03-01 2026-03-03',
      '2026-01-01 2026-03-02',
      '2026-03-02 2026-03-04',
    ])
  })
})
