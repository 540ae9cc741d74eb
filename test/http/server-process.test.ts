import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startChild, type Child } from '../../dev/servers/lib/child.ts'
import { startServer } from '../../dev/servers/holdfast-process.ts'
import { freePort } from '../../dev/servers/lib/ports.ts'
import { silentProgress as progress } from '../../dev/servers/lib/progress.ts'
import type { EmbeddedServer } from '../../dev/servers/lib/server.ts'
import { eventually } from '../support/eventually.ts'
import { entriesOf, entry, FORMATS } from '../support/log-entries.ts'
import { expectComplete, newPerson } from '../support/people.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
let server: EmbeddedServer
let logDir = ''
let url = ''
let env: Record<string, string> = {}
beforeAll(async () => {
  world = await openWorld()
  logDir = await mkdtemp(join(tmpdir(), 'holdfast-test-server-'))
  const port = await freePort()
  url = `http://127.0.0.1:${port}`
  env = { ...world.env, HOST: '127.0.0.1', PORT: String(port), HOLDFAST_URL: url }
  server = await startServer({ env, logDir, progress })
})
afterAll(async () => {
  await server.stop()
  await rm(logDir, { recursive: true })
})

const post = (
  body: string | Uint8Array<ArrayBuffer>,
  authorization = env['AUTH0_AESTHETIC_LOG_TOKEN'] ?? '',
  to = url,
) => fetch(`${to}/webhooks/auth0/aesthetic`, { method: 'POST', headers: { authorization }, body })

describe('E13: the server that takes the webhook', () => {
  it('may be killed right after its 200: the signups are at Temporal, and complete', async () => {
    const people = await Promise.all(Array.from({ length: 8 }, () => newPerson(world)))
    const answer = await post(FORMATS.JSONLINES(people.flatMap(({ identity }) => entriesOf(world, identity))))
    await server.kill()
    expect(answer.status).toBe(200)

    for (const { identity } of people) {
      const { status } = await world.temporal.workflow.getHandle(world.idOf(identity)).describe()
      expect(status.name).toBe('RUNNING')
    }
    await world.startWorker()
    for (const person of people) await expectComplete(world, person)
  })

  it('may be killed in the middle of it: the sender has no 2xx and sends it again', async () => {
    await server.restart()
    const people = await Promise.all(Array.from({ length: 8 }, () => newPerson(world)))
    const body = FORMATS.JSONARRAY(people.flatMap(({ identity }) => entriesOf(world, identity)))
    const first = post(body).then(
      ({ status }) => status,
      () => 'no answer',
    )
    await server.kill()
    expect(['no answer', 200]).toContain(await first)
    await server.restart()
    expect((await post(body)).status).toBe(200)
    for (const person of people) await expectComplete(world, person)
  })
})

describe('E4: over a real connection', () => {
  const tenMegabytes = new Uint8Array(10 * 1024 * 1024).fill(32)

  it('ten megabytes are refused, with the token and without, and the server goes on', async () => {
    expect((await post(tenMegabytes)).status).toBe(413)
    expect((await post(tenMegabytes, 'wrong')).status).toBe(401)
    expect((await post('[]')).status).toBe(200)
  })

  it('L8: a refusal that leaves the body unread says that the connection ends, and the next delivery has another', async () => {
    const agent = new Agent({ keepAlive: true })
    const send = (authorization: string, body: Uint8Array | string) =>
      new Promise<{ status: number | undefined; connection: string | undefined }>((resolve, reject) => {
        const asking = request(
          `${url}/webhooks/auth0/aesthetic`,
          { method: 'POST', headers: { authorization, 'content-length': body.length }, agent },
          (answer) => {
            resolve({ status: answer.statusCode, connection: answer.headers.connection })
            answer.resume()
          },
        )
        asking.on('error', reject).end(body)
      })
    const token = env['AUTH0_AESTHETIC_LOG_TOKEN'] ?? ''
    for (let time = 0; time < 3; time += 1) {
      expect(await send('wrong', '['.repeat(50_000))).toEqual({ status: 401, connection: 'close' })
      expect((await send(token, '[]')).status).toBe(200)
    }
    agent.destroy()
  })

  it('a caller with no token gets his answer while his body has yet to come', async () => {
    const status = await new Promise((resolve, reject) => {
      const headers = { authorization: 'wrong', 'content-type': 'application/json' }
      const asking = request(`${url}/webhooks/auth0/aesthetic`, { method: 'POST', headers }, (answer) => {
        resolve(answer.statusCode)
        asking.destroy()
      })
      asking.on('error', reject).write('[') // and the rest is never sent
    })
    expect(status).toBe(401)
  })
})

describe('the server', () => {
  it('keeps no e-mail in its log when it could not take something', async () => {
    const away = await freePort()
    const port = await freePort()
    const child = startServerOn(port, { TEMPORAL_ADDRESS: `127.0.0.1:${away}` })
    await eventually('it listens', async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok)
    const { email, identity } = await newPerson(world)
    const answer = await fetch(`http://127.0.0.1:${port}/webhooks/auth0/aesthetic`, {
      method: 'POST',
      headers: { authorization: env['AUTH0_AESTHETIC_LOG_TOKEN'] ?? '' },
      body: FORMATS.JSONARRAY([...entriesOf(world, identity), entry({ type: 'ss', user_name: email })]),
    })
    expect(answer.status).toBe(503)
    const output = await child.output()
    expect(output).toContain('not accepted: the sender has to send it again')
    expect(output).not.toContain(email)
    expect(output).not.toContain(env['AUTH0_AESTHETIC_LOG_TOKEN'])
    await child.stop()
    expect(child.exit).toBe('exit code 0')
  })

  it('ends at once and well when asked to, though a sender keeps its connection open, and what it took is noted', async () => {
    const port = await freePort()
    const child = startServerOn(port, {})
    await eventually('it is ready', async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok)
    const last = entry({ type: 'ss', user_id: 'auth0|the-last' })
    const answer = await post(FORMATS.JSONARRAY([last]), undefined, `http://127.0.0.1:${port}`)
    await child.stop()
    expect([answer.status, child.exit]).toEqual([200, 'exit code 0'])
    const noted = world.db.collection<{ _id: string }>('holdfast_events')
    expect(await noted.countDocuments({ _id: `aesthetic/${last.log_id}` })).toBe(1)
  })

  it('ends though a sender has sent half of a request and never sends the rest', async () => {
    const port = await freePort()
    const child = startServerOn(port, {})
    await eventually('it is ready', async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok)
    const half = connect(port, '127.0.0.1')
    half.on('error', () => {}) // it is cut off, as this test requires
    await once(half, 'connect')
    const token = env['AUTH0_AESTHETIC_LOG_TOKEN'] ?? ''
    half.write(
      `POST /webhooks/auth0/aesthetic HTTP/1.1\r\nhost: x\r\nauthorization: ${token}\r\ncontent-length: 9\r\n\r\n[`,
    )
    await eventually(
      'another request is answered',
      async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok,
    )
    await child.stop()
    expect(child.exit).toBe('exit code 0')
  })

  it('has an address for operators on a port of its own, which ends with it', async () => {
    const [port, operatorPort] = [await freePort(), await freePort()]
    const child = startServerOn(port, { OPERATOR_PORT: String(operatorPort) })
    const ask = async (path: string, on: number, token: string) => {
      const headers = { authorization: `Bearer ${token}` }
      return (await fetch(`http://127.0.0.1:${on}${path}`, { headers })).status
    }
    const token = env['HOLDFAST_OPERATOR_TOKEN'] ?? ''
    await eventually(
      'it answers an operator',
      async () => (await ask('/api/operator', operatorPort, token)) === 200,
    )
    expect(await ask('/api/operator', operatorPort, 'wrong')).toBe(401)
    expect(await ask('/api/operator', port, token)).toBe(404)
    await child.stop()
    expect(child.exit).toBe('exit code 0')
  })

  it('does not start without its keys, and says everything it lacks', async () => {
    const child = startServerOn(await freePort(), {
      HOLDFAST_KEY: '',
      MONGODB_URI: '',
      AUTH0_AESTHETIC_LOG_TOKEN: '',
    })
    expect(await child.exited).toBe('exit code 2')
    const output = await child.output()
    for (const name of ['HOLDFAST_KEY', 'MONGODB_URI', 'AUTH0_AESTHETIC_LOG_TOKEN'])
      expect(output).toContain(`${name} is missing`)
  })
})

function startServerOn(port: number, change: Record<string, string>): Child {
  return startChild({
    name: 'server',
    command: process.execPath,
    args: [fileURLToPath(new URL('../../src/server.ts', import.meta.url))],
    logFile: join(logDir, `server-${port}.log`),
    env: { ...env, PORT: String(port), HOME: logDir, ...change },
  })
}
