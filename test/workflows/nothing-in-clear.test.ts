import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.ts'
import { startServer, startWorker } from '../../dev/servers/holdfast-process.ts'
import { freePort } from '../../dev/servers/lib/ports.ts'
import { silentProgress as progress } from '../../dev/servers/lib/progress.ts'
import { startTemporal, type TemporalServer } from '../../dev/servers/temporal/temporal.ts'
import { statusOf } from '../support/command.ts'
import { entry } from '../support/log-entries.ts'
import { interceptCalls } from '../support/intercept-calls.ts'
import { expectComplete, meets, reaches, type Person } from '../support/people.ts'
import { openWorld, type World } from '../support/world.ts'

const EMAIL = 'canary@example.com'
const PASSWORD = 'Canary-password-of-the-account'
const CANARY = /canary/i

let folder = ''
let temporal: TemporalServer
let world: World
let env: Record<string, string> = {}
let person: Person = { identity: '', email: EMAIL }
const ends: (() => Promise<void>)[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-test-clear-'))
  temporal = await startTemporal({
    dataDir: join(folder, 'temporal'),
    searchAttributes: SEARCH_ATTRIBUTES,
    logLevel: 'info',
    progress,
  })
  ends.push(() => temporal.stop())
  const port = await freePort()
  world = await openWorld({
    temporalAddress: temporal.address,
    namespace: temporal.namespace,
    env: { HOST: '127.0.0.1', PORT: String(port), HOLDFAST_URL: `http://127.0.0.1:${port}` },
  })
  env = world.env
  const [identity = ''] = world.auth0.seedUsers([
    { id: `acme|${EMAIL}`, provider: 'samlp', email: EMAIL, verified: true },
  ])
  person = { identity, email: EMAIL }
  expect(identity).toBe(`samlp|acme|${EMAIL}`)
})
afterAll(async () => {
  for (const end of ends.toReversed()) await end()
  await rm(folder, { recursive: true })
})

const cli = async (...args: string[]): Promise<string> => {
  const server = ['--address', temporal.address, '--namespace', temporal.namespace]
  const { stdout } = await execa(temporal.cli, [...args, ...server], {
    extendEnv: false,
    env: { HOME: '/nonexistent' },
  })
  return stdout
}

/** Every file below a folder that contains the canary, in plain text or in base64. */
async function filesWithCanary(root: string): Promise<string[]> {
  const words = [EMAIL, PASSWORD].flatMap((text) => [
    text,
    ...[0, 1, 2].map((shift) =>
      Buffer.from('x'.repeat(shift) + text)
        .toString('base64')
        .slice(4, -4),
    ),
  ])
  const files = await readdir(root, { recursive: true, withFileTypes: true })
  const found: string[] = []
  for (const file of files.filter((one) => one.isFile())) {
    const bytes = await readFile(join(file.parentPath, file.name))
    if (words.some((word) => bytes.includes(word))) found.push(file.name)
  }
  return found
}

describe('T8: somebody reads what Temporal and the logs hold of a person whose identity is an e-mail', () => {
  it('whose signup fails in every way, is tried again, and completes', async () => {
    let failing = true
    const worker = await world.startWorker((deps) =>
      interceptCalls({ ...deps, newPassword: () => PASSWORD }, (name, call) => {
        if (failing && name === 'users.ensure') {
          const cause = new Error(`duplicate key { email: "${EMAIL}" }`)
          throw new Error(`cannot write ${EMAIL}, password=${PASSWORD}`, { cause })
        }
        return call()
      }),
    )
    const server = await startServer({ env, logDir: folder, progress })
    ends.push(() => server.stop())
    const answer = await fetch(`${env['HOLDFAST_URL']}/webhooks/auth0/aesthetic`, {
      method: 'POST',
      headers: { authorization: env['AUTH0_AESTHETIC_LOG_TOKEN'] ?? '' },
      body: JSON.stringify([
        entry({ type: 'ss', user_id: person.identity, user_name: EMAIL }),
        entry({ type: 'sv', user_id: person.identity, user_name: EMAIL }),
        entry({ type: 'ss', user_name: EMAIL, details: { body: { password: PASSWORD } } }),
      ]),
    })
    expect(await answer.json()).toMatchObject({ accepted: 2, quarantined: 1 })

    const blocked = await meets(world, person, 'unexpected')
    expect(JSON.stringify(blocked)).not.toMatch(CANARY)
    expect(blocked.problem?.fix).toContain(blocked.identity)
    const asked = await statusOf(env, 'status', 'atproto', person.identity)
    expect(asked.document.problem?.fix).toContain(`holdfast retry atproto '${person.identity}'`)

    failing = false
    await world.signups.notify({ tenant: 'aesthetic', identity: person.identity, hint: 'retry' })
    await expectComplete(world, person)
    await worker.stop()
    const own = await startWorker({ env, logDir: folder, progress })
    ends.push(() => own.stop())
    await world.signups.notify({ tenant: 'aesthetic', identity: person.identity, hint: 'emailChanged' })
    await reaches(world, person, 'completed')
  })

  it('finds neither address nor password, in the database file, its log or ours', async () => {
    await temporal.kill()
    const files = await readdir(folder, { recursive: true })
    expect(files).toEqual(expect.arrayContaining(['temporal/temporal.db', 'server.log', 'worker.log']))
    expect(await filesWithCanary(folder)).toEqual([])
    await temporal.restart()
  })

  it('reads stage, problem and summary with the plain temporal command, and nothing else', async () => {
    const id = world.idOf(person.identity)
    const described = await cli('workflow', 'describe', '--workflow-id', id, '--output', 'json')
    const shown = await cli('workflow', 'show', '--workflow-id', id, '--output', 'json')
    const runs = await cli('workflow', 'list', '--query', `WorkflowId = '${id}'`, '--output', 'json')
    for (const text of [described, shown, runs]) expect(text).not.toMatch(CANARY)
    expect(described).toContain('Signup in aesthetic')
    expect(described).toContain('completed')
    const { events } = JSON.parse(shown) as { events: { eventType: string }[] }
    expect(events.length).toBeGreaterThan(3)
    const result = await cli('workflow', 'result', '--workflow-id', id)
    expect(result).toContain('completed')
    expect(result).not.toMatch(CANARY)
  })

  it('may start a signup with plain JSON all the same', async () => {
    const [identity = ''] = world.auth0.seedUsers([{ email: 'plain@example.com', verified: true }])
    const input = JSON.stringify({ identity })
    const target = [
      '--type',
      'signup',
      '--task-queue',
      'holdfast-atproto',
      '--workflow-id',
      world.idOf(identity),
    ]
    await cli('workflow', 'start', ...target, '--input', input)
    await expectComplete(world, { identity, email: 'plain@example.com' })
  })
})
