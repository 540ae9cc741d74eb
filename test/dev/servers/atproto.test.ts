import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AtpAgent } from '@atproto/api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dataDirectory } from '../../../dev/servers/lib/data-dir.ts'
import { startPds } from '../../../dev/servers/pds/pds.ts'
import { startPlc } from '../../../dev/servers/pds/plc.ts'
import type { PlcServer } from '../../../dev/servers/pds/plc.ts'
import { startPostgres } from '../../../dev/servers/postgres/postgres.ts'
import type { PostgresServer } from '../../../dev/servers/postgres/postgres.ts'
import { silentProgress as progress } from '../../../dev/servers/lib/progress.ts'
import { listening, portOf } from './support.ts'

let postgres: PostgresServer
let plc: PlcServer
beforeAll(async () => {
  postgres = await startPostgres({ progress })
  plc = await startPlc({ databaseUrl: await postgres.ensureDatabase('plc'), progress })
})
afterAll(async () => {
  await plc.stop()
  await postgres.stop()
})

const account = (name: string) => ({
  handle: `${name}.at.example.test`,
  email: `${name}@example.test`,
  password: `password of ${name}`,
})

async function create(url: string, name: string): Promise<string> {
  const agent = new AtpAgent({ service: url })
  const { data } = await agent.com.atproto.server.createAccount(account(name))
  return data.did
}

async function logIn(url: string, name: string): Promise<string> {
  const { handle: identifier, password } = account(name)
  const { data } = await new AtpAgent({ service: url }).com.atproto.server.createSession({
    identifier,
    password,
  })
  return data.did
}

test('an account survives the kill of the PDS, of the PLC directory, and of its Postgres', async () => {
  const pds = await startPds({ plcUrl: plc.url, progress })
  try {
    const did = await create(pds.url, 'alice')
    await pds.kill()
    expect(await listening(portOf(pds.url))).toBe(false)
    expect(await listening(portOf(plc.url))).toBe(true)
    await pds.restart()
    expect(await logIn(pds.url, 'alice')).toBe(did)

    await plc.kill()
    expect(await listening(portOf(pds.url))).toBe(true)
    await plc.restart()
    await postgres.kill()
    await postgres.restart()
    expect(await (await fetch(`${plc.url}/${did}`)).json()).toMatchObject({ id: did })
    expect(await create(pds.url, 'bob')).toMatch(/^did:plc:/)
  } finally {
    await pds.stop()
  }
})

test('while the PLC directory is away the PDS says so, and takes accounts again when it is back', async () => {
  const own = await startPlc({ progress })
  const pds = await startPds({ plcUrl: own.url, progress })
  try {
    await own.kill()
    await expect(create(pds.url, 'carol')).rejects.toMatchObject({ status: 502, error: 'UpstreamFailure' })
    await own.restart()
    expect(await create(pds.url, 'carol')).toMatch(/^did:plc:/)
  } finally {
    await pds.stop()
    await own.stop()
  }
})

test('data that was kept serves its accounts at the next start, on the same port, with secrets for its owner only', async () => {
  const data = await dataDirectory(undefined, 'test-pds')
  const options = { dataDir: data.path, plcUrl: plc.url, progress }
  try {
    const first = await startPds(options)
    const did = await create(first.url, 'dave')
    await first.stop()
    const second = await startPds(options)
    try {
      expect(second.url).toBe(first.url)
      expect(second.adminPassword).toBe(first.adminPassword)
      expect(await logIn(second.url, 'dave')).toBe(did)
      for (const file of ['kept.json', 'pds.json']) {
        expect((await stat(join(data.path, file))).mode & 0o777).toBe(0o600)
      }
    } finally {
      await second.stop()
    }
  } finally {
    await data.remove()
  }
})

test('the admin password, the invite rule and the limits are as asked for', async () => {
  const pds = await startPds({
    plcUrl: plc.url,
    adminPassword: 'open sesame',
    inviteRequired: true,
    rateLimits: { bypassKey: 'let me through' },
    progress,
  })
  try {
    await expect(create(pds.url, 'erin')).rejects.toMatchObject({ error: 'InvalidInviteCode' })
    const admin = { authorization: `Basic ${Buffer.from('admin:open sesame').toString('base64')}` }
    const path = `${pds.url}/xrpc/com.atproto.server.createInviteCode`
    const invite = (headers: Record<string, string>) =>
      fetch(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ useCount: 1 }),
      })
    expect((await invite({})).status).toBe(401)
    const counted = await invite(admin)
    expect(counted.status).toBe(200)
    expect(counted.headers.get('ratelimit-limit')).not.toBeNull()
    const bypassing = await invite({ ...admin, 'x-ratelimit-bypass': 'let me through' })
    expect(bypassing.headers.get('ratelimit-limit')).toBeNull()
  } finally {
    await pds.stop()
  }
})
