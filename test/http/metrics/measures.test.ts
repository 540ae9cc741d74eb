import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { startServer } from '../../../dev/servers/holdfast-process.ts'
import { freePort } from '../../../dev/servers/lib/ports.ts'
import { silentProgress as progress } from '../../../dev/servers/lib/progress.ts'
import { IN_MONGODB } from '../../../src/config/state.ts'
import { connectMeasures, type Measures } from '../../../src/http/metrics/connect.ts'
import { STORED_METRICS } from '../../../src/http/metrics/definitions.ts'
import { openState, type OpenState } from '../../../src/state/open.ts'
import { atEnd } from '../../support/at-end.ts'
import { eventually } from '../../support/eventually.ts'
import { expectComplete, newPerson, reaches, startSignup, type Person } from '../../support/people.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let opened: OpenState
let people: Person[]
beforeAll(async () => {
  world = await openWorld()
  await world.startWorker()
  opened = await openState('atproto', IN_MONGODB.read(world.env))
  atEnd(() => opened.close())
  people = [await newPerson(world), await newPerson(world, { verified: false })]
  for (const person of people) await startSignup(world, person)
  const [complete, waiting] = people
  if (complete === undefined || waiting === undefined) throw new Error('two people')
  await expectComplete(world, complete)
  await reaches(world, waiting, 'waiting-for-verification')
})

/** Measures over real stores, and the number of calls that they made to any of them. */
function connect(): { measures: Measures; calls: () => number } {
  let made = 0
  const count = <T extends object>(store: T): T =>
    new Proxy(store, {
      get(target, name) {
        made += 1
        return Reflect.get(target, name) as unknown
      },
    })
  const { state } = opened
  const counted = {
    ...state,
    alerts: count(state.alerts),
    cursors: count(state.cursors),
    heldActions: count(state.heldActions),
    ignored: count(state.ignored),
    switches: count(state.switches),
    totals: count(state.totals),
    workers: count(state.workers),
  }
  const queries = [
    vi.spyOn(world.temporal.workflow, 'count'),
    vi.spyOn(world.temporal.workflow, 'list'),
  ] as const
  const before = queries.map(({ mock }) => mock.calls.length)
  const measures = connectMeasures(
    [
      {
        system: 'atproto',
        own: {},
        temporal: world.temporal,
        monitored: { state: counted },
        hash: (identity) => identity, // nobody is ignored
        tenants: ['aesthetic'],
      },
    ],
    { build: '0.1.0+test', logger: { warn: () => {} } },
  )
  const asked = () =>
    queries.reduce((sum, { mock }, index) => sum + mock.calls.length - (before[index] ?? 0), 0)
  return { measures, calls: () => made + asked() }
}

describe('the metrics of a server', () => {
  it('have what happened, and name nobody', async () => {
    let page = ''
    await eventually('Temporal shows the waiting signup', async () => {
      page = await connect().measures.metrics.page()
      return page.includes(
        'holdfast_signups_in_progress{system="atproto",stage="waiting-for-verification"} 1\n',
      )
    })
    expect(page).toContain('holdfast_signups_begun_total{system="atproto"} 2\n')
    expect(page).toContain('holdfast_signups_ended_total{system="atproto",outcome="completed"} 1\n')
    expect(page).toContain('holdfast_health_percentage{system="atproto"} 100\n')
    expect(page).toContain('holdfast_backfills_running{system="atproto"} 0\n')
    for (const source of ['totals', 'state', 'temporal', 'health'])
      expect(page).toContain(`holdfast_source_up{system="atproto",source="${source}"} 1\n`)
    for (const name of Object.keys(STORED_METRICS)) expect(page).toContain(`# HELP ${name} `)
    for (const { identity, email } of people)
      for (const personal of [identity, identity.split('|')[1] ?? identity, email])
        expect(page).not.toContain(personal)
  })

  it('cost fifty scrapes and fifty panels at once no more queries than one of each', async () => {
    const one = connect()
    await one.measures.metrics.page()
    await one.measures.health('atproto')
    const cost = one.calls()
    const many = connect()
    const fifty = Array.from({ length: 50 })
    await Promise.all([
      ...fifty.map(() => many.measures.metrics.page()),
      ...fifty.map(() => many.measures.health('atproto')),
    ])
    expect(cost).toBeGreaterThan(5)
    expect(many.calls()).toBe(cost)
  })

  it("are at the operators' address, as the health is, and measure the requests to it", async () => {
    const logDir = await mkdtemp(join(tmpdir(), 'holdfast-test-metrics-'))
    atEnd(() => rm(logDir, { recursive: true }))
    const [port, operatorPort] = [await freePort(), await freePort()]
    const env = {
      ...world.env,
      HOST: '127.0.0.1',
      PORT: String(port),
      OPERATOR_PORT: String(operatorPort),
      HOLDFAST_URL: `http://127.0.0.1:${port}`,
    }
    const server = await startServer({ env, logDir, progress })
    atEnd(() => server.stop())
    const get = (path: string, token = world.env['HOLDFAST_OPERATOR_TOKEN'] ?? '') =>
      fetch(`http://127.0.0.1:${operatorPort}${path}`, { headers: { authorization: `Bearer ${token}` } })
    expect((await get('/metrics', 'wrong')).status).toBe(401)
    expect((await get('/api/systems/medusa/health')).status).toBe(404)
    expect(await (await get('/api/systems/atproto/health')).json()).toEqual({
      healthPercentage: 100,
      recentSignupsCount: 2,
      signupsMissingProfiles: 0,
      windowHours: 24,
    })
    const tried = await fetch(`http://127.0.0.1:${port}/webhooks/auth0/aesthetic`, { method: 'POST' })
    expect(tried.status).toBe(401)
    const answer = await get('/metrics')
    expect(answer.headers.get('content-type')).toContain('version=0.0.4')
    const page = await answer.text()
    expect(page).toContain('holdfast_server_process_resident_memory_bytes ')
    expect(page).toContain(
      'holdfast_http_request_duration_seconds_count{route="/webhooks/auth0/:tenant",method="POST",status="401"} 1\n',
    )
    expect(page).toContain(
      'holdfast_http_request_duration_seconds_count{route="/api/systems/:system/health",method="GET",status="200"} 1\n',
    )
  })
})
