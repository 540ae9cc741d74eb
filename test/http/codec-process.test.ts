import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { startChild } from '../../dev/servers/lib/child.ts'
import { freePort } from '../../dev/servers/lib/ports.ts'
import { atEnd } from '../support/at-end.ts'
import { eventually } from '../support/eventually.ts'
import { openWebhook } from '../support/webhook.ts'
import { openWorld } from '../support/world.ts'

const ENTRY = fileURLToPath(new URL('../../src/codec.ts', import.meta.url))
const OF_THE_CODEC = [
  'MONGODB_URI',
  'MONGODB_DB',
  'HOLDFAST_KEY',
  'HOLDFAST_ID_KEY',
  'HOLDFAST_OPERATOR_TOKEN',
]

describe('the codec as a service of its own', () => {
  it('runs on its own port without Temporal or Auth0, while the webhook has none', async () => {
    const world = await openWorld()
    const logDir = await mkdtemp(join(tmpdir(), 'holdfast-test-codec-'))
    atEnd(() => rm(logDir, { recursive: true }))
    const port = await freePort()
    const env = Object.fromEntries(OF_THE_CODEC.map((name) => [name, world.env[name] ?? '']))
    const child = startChild({
      name: 'codec',
      command: process.execPath,
      args: [ENTRY],
      env: { ...env, HOST: '127.0.0.1', PORT: String(port) },
      logFile: join(logDir, 'codec.log'),
    })
    atEnd(() => child.stop())
    const url = `http://127.0.0.1:${port}`
    const ask = (path: string, headers: Record<string, string> = {}) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ payloads: [] }),
      })
    await eventually('it listens', async () => (await fetch(`${url}/healthz`)).ok)
    expect((await ask('/codec/decode')).status).toBe(401)
    const bearer = { authorization: `Bearer ${world.env['HOLDFAST_OPERATOR_TOKEN']}` }
    expect((await ask('/codec/decode', bearer)).status).toBe(200)
    expect((await ask('/webhooks/auth0/aesthetic', bearer)).status).toBe(404)

    const webhook = openWebhook(world, { HOLDFAST_CODEC: 'off' })
    expect((await webhook.app.request('/codec/decode', { method: 'POST', headers: bearer })).status).toBe(404)
  })
})
