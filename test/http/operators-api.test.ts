import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config.ts'
import { hashOf } from '../../src/config/operators.ts'
import { createIdHash } from '../../src/crypto/keyring.ts'
import { connectServer, SERVER_SECTIONS } from '../../src/http/connections.ts'
import { createOperatorApp } from '../../src/http/operators/app.ts'
import { identifyBy } from '../../src/http/operators/identify.ts'
import { operatedSystem } from '../../src/http/operators/operated-system.ts'
import { operatorRoutes } from '../../src/http/operators/routes.ts'
import { createLogger } from '../../src/logging.ts'
import { atproto } from '../../src/systems/atproto.ts'
import type { RecordedAction } from '../../src/contracts/actions.ts'
import { atEnd } from '../support/at-end.ts'
import { jsonOf } from '../support/command.ts'
import { eventually } from '../support/eventually.ts'
import { address, expectComplete, newPerson, reaches, startSignup, type Person } from '../support/people.ts'
import { collections, openWorld, type World } from '../support/world.ts'
import { NO_MEASURES } from '../support/no-measures.ts'

type Answer = { readonly status: number; readonly body: Record<string, unknown>; readonly text: string }
type Send = (method: string, path: string, body?: object, headers?: Record<string, string>) => Promise<Answer>

let world: World
let complete: Person
let waiting: Person
let addressed: Person
let send: Send
let hash: (identity: string) => string

/** A server's application that has just started, and remembers nobody. */
async function freshServer(change: Record<string, string> = {}): Promise<Send> {
  const token = 'token-of-ana'
  const env = {
    ...world.env,
    OPERATOR_PORT: '1',
    HOLDFAST_OPERATORS: `ana:admin:${hashOf(token).toString('hex')}`,
    ...change,
  }
  const config = loadConfig(SERVER_SECTIONS, env)
  if (config.operatorAddress === null) throw new Error('it has a port')
  const logger = createLogger('test', 'fatal')
  const connections = await connectServer('atproto', atproto.state.read(env), {
    config,
    temporal: world.temporal,
    logger,
  })
  atEnd(() => connections.close())
  const app = createOperatorApp({
    routes: operatorRoutes({
      version: '0.1.0',
      measures: NO_MEASURES,
      systems: [operatedSystem(atproto, connections, env)],
    }),
    identify: identifyBy(config.operatorAddress),
    logger,
    docsUrl: 'docs',
    system: 'atproto',
  })
  return async (method, path, body, headers = {}) => {
    const answer = await app.request(path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, body: JSON.parse(text) as Record<string, unknown>, text }
  }
}

beforeAll(async () => {
  world = await openWorld({ env: { HOLDFAST_GRACE_MINUTES: '0' } }) // a backfill judges the youngest too
  hash = createIdHash(loadConfig(['keys'], world.env).keys.id)
  await world.startWorker()
  ;[complete, waiting] = [await newPerson(world), await newPerson(world, { verified: false })]
  const email = address()
  const [identity = ''] = world.auth0.seedUsers([
    { email, verified: true, createdAt: new Date(), provider: 'samlp', id: `acme|${email}` },
  ])
  addressed = { identity, email }
  for (const person of [complete, addressed]) await startSignup(world, person)
  await world.signups.notify({ tenant: 'aesthetic', identity: waiting.identity })
  await expectComplete(world, complete)
  await reaches(world, waiting, 'waiting-for-verification')
  await reaches(world, addressed, 'completed')
  send = await freshServer()
  await eventually('visibility has the three', async () => {
    const { body } = await send('GET', '/api/signups')
    return (body['signups'] as unknown[]).length === 3
  })
})

const actions = async (): Promise<RecordedAction[]> =>
  (await jsonOf(world.env, 'actions', 'atproto')).document['actions'] as RecordedAction[]

describe('signups', () => {
  it('are listed page by page, each person by the keyed hash, and nobody by an address', async () => {
    const seen: unknown[] = []
    let next: string | null = ''
    while (next !== null) {
      const cursor: string = next === '' ? '' : `&next=${next}`
      const { status, body, text } = await send('GET', `/api/signups?limit=2${cursor}`)
      expect(status).toBe(200)
      expect(text).not.toContain('@example.com')
      seen.push(...(body['signups'] as { id: string }[]).map(({ id }) => id))
      next = body['next'] as string | null
    }
    const all = [complete, waiting, addressed].map(({ identity }) => hash(identity))
    expect(new Set(seen)).toEqual(new Set(all))
  })

  it('are filtered as the command does, and a cursor belongs to its filter', async () => {
    const { body } = await send('GET', '/api/signups?stage=waiting-for-verification')
    expect(body['signups']).toMatchObject([{ identity: waiting.identity, stage: 'waiting-for-verification' }])
    expect((await send('GET', '/api/signups?stuck=true')).body['signups']).toEqual([])
    const page = (await send('GET', '/api/signups?limit=1')).body['next'] as string
    const other = await send('GET', `/api/signups?limit=1&stage=completed&next=${page}`)
    expect(other).toMatchObject({ status: 400, body: { type: 'docs/problems.md#request-invalid' } })
    expect((await send('GET', '/api/signups?problem=nonsense')).status).toBe(400)
  })

  it('are found by their hash by a server that has just started', async () => {
    for (const person of [complete, waiting, addressed]) {
      const fresh = await freshServer()
      const { status, body, text } = await fresh('GET', `/api/signups/atproto/${hash(person.identity)}`)
      expect(status).toBe(200)
      expect(body).toMatchObject({ id: hash(person.identity), system: 'atproto', tenant: 'aesthetic' })
      expect(text).not.toContain('@example.com')
    }
    const nobody = await send('GET', `/api/signups/atproto/${'0'.repeat(64)}`)
    expect(nobody).toMatchObject({ status: 404, body: { type: 'docs/problems.md#person-unknown' } })
    expect((await send('GET', `/api/signups/medusa/${hash(complete.identity)}`)).status).toBe(404)
  })
})

describe('one person', () => {
  it.each(['identity', 'e-mail', 'code'])('is found by %s, and explained', async (by) => {
    const code = (await collections(world.db).users.findOne({ _id: complete.identity }))?.code
    const words = by === 'identity' ? complete.identity : by === 'code' ? code : complete.email
    const fresh = await freshServer()
    const found = await fresh('POST', '/api/search', { words })
    const id = hash(complete.identity)
    expect(found.body['matches']).toEqual([
      { id, system: 'atproto', tenant: 'aesthetic', identity: complete.identity },
    ])
    const { status, body, text } = await fresh('GET', `/api/signups/atproto/${id}/why`)
    expect(status).toBe(200)
    expect(body).toMatchObject({ known: true, stage: 'completed', problems: [] })
    expect(text).not.toContain(complete.email)
  })

  it('is retried, and the record says by whom and whom, without an identity', async () => {
    const id = hash(addressed.identity)
    const fresh = await freshServer()
    const { status, body } = await fresh('POST', `/api/signups/atproto/${id}/retry`)
    expect(status).toBe(202)
    expect(body).toEqual({ id, system: 'atproto', workflowId: world.idOf(addressed.identity) })
    const [action] = await actions()
    expect(action).toMatchObject({
      name: 'retry',
      subjects: [id],
      by: { name: 'ana', verified: true, via: 'api' },
      outcome: 'succeeded',
    })
    await reaches(world, addressed, 'completed')
    const { body: after } = await fresh('GET', `/api/signups/atproto/${id}`)
    expect(after).toMatchObject({ stage: 'completed' })
  })

  it('is not retried while Holdfast only observes', async () => {
    const observing = await freshServer({ HOLDFAST_MODE: 'observe' })
    const answer = await observing('POST', `/api/signups/atproto/${hash(complete.identity)}/retry`)
    expect(answer).toMatchObject({ status: 409, body: { type: 'docs/problems.md#observing' } })
  })
})

describe('runs', () => {
  const ended = (id: unknown) =>
    eventually('the run has ended', async () => {
      const { body } = await send('GET', `/api/runs/${String(id)}`)
      return body['status'] === 'COMPLETED' && body
    })

  it('a dry run is started once for its key, and exactly its plan is applied', async () => {
    await collections(world.db).verifications.deleteOne({ _id: complete.identity })
    const key = { 'idempotency-key': randomUUID() }
    const id = hash(complete.identity)
    const first = await send('POST', '/api/backfills', { id }, key)
    expect(first.status).toBe(202)
    expect((await send('POST', '/api/backfills', { id }, key)).body).toEqual(first.body)
    const other = await send('POST', '/api/backfills', { last: 3 }, key)
    expect(other).toMatchObject({ status: 409, body: { type: 'docs/problems.md#idempotency-key-reused' } })

    const dry = await ended(first.body['id'])
    expect(dry).toMatchObject({ type: 'backfill', result: { dryRun: true, totalMissing: 1 } })
    expect((await send('POST', '/api/backfills', { id }, key)).body).toEqual(first.body)
    expect(await collections(world.db).verifications.findOne({ _id: complete.identity })).toBeNull()

    const applied = await send('POST', `/api/runs/${String(first.body['id'])}/apply`, {})
    expect(applied.status).toBe(202)
    expect(await ended(applied.body['id'])).toMatchObject({ result: { dryRun: false, successful: 1 } })
    expect(await collections(world.db).verifications.findOne({ _id: complete.identity })).not.toBeNull()
    const { planId } = dry['result'] as { planId: string }
    expect((await actions())[0]).toMatchObject({
      name: 'backfill --fix',
      scope: `plan ${planId}`,
      by: { name: 'ana', via: 'api' },
      outcome: 'succeeded',
    })
    const again = await send('POST', `/api/runs/${String(applied.body['id'])}/apply`, {})
    expect(again).toMatchObject({ status: 409, body: { type: 'docs/problems.md#plan-missing' } })
  })

  it('are listed, and one that has ended is not controlled any more', async () => {
    const listed = await eventually('visibility has them', async () => {
      const { body } = await send('GET', '/api/runs')
      const runs = body['runs'] as { id: string; status: string }[]
      return runs.length >= 2 && runs.every(({ status }) => status === 'COMPLETED') && runs
    })
    for (const wish of ['pause', 'resume', 'cancel']) {
      const answer = await send('POST', `/api/runs/${listed[0]?.id ?? ''}/${wish}`)
      expect(answer).toMatchObject({ status: 409, body: { type: 'docs/problems.md#run-not-running' } })
    }
    expect((await send('GET', '/api/runs/none')).status).toBe(404)
  })

  it.each([
    [{ unknown: 1 }, 'body'],
    [{ fix: 'yes' }, 'body.fix'],
    [{ plan: 'x' }, 'plan requires fix'],
    [{ tenant: 'nowhere' }, 'body.tenant'],
    [{ id: 'ana@example.com' }, 'body.id'],
  ])('are not started by %j', async (body, detail) => {
    const answer = await send('POST', '/api/backfills', body)
    expect(answer.status).toBe(400)
    expect(answer.body['detail']).toContain(detail)
    expect(answer.text).not.toContain('@')
  })

  it('a running one is cancelled, which is recorded', async () => {
    const started = await world.temporal.workflow.start('backfill', {
      workflowId: `backfill/atproto/${randomUUID()}`,
      taskQueue: 'holdfast-atproto',
      args: [{}],
      startDelay: '1 hour', // it does not begin, so it cannot end meanwhile
    })
    const id = started.workflowId.split('/').at(-1) ?? ''
    const answer = await send('POST', `/api/runs/${id}/cancel`)
    expect(answer).toMatchObject({ status: 202, body: { id, requested: 'cancel' } })
    expect((await actions())[0]).toMatchObject({ name: 'backfill cancel', scope: id, outcome: 'succeeded' })
  })
})
