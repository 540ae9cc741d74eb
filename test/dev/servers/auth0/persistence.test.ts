import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startAuth0 } from '../../../../dev/servers/auth0/server.ts'
import { api, client, eventually, receiver, start } from './support.ts'

async function dataFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-auth0-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return join(folder, 'state', 'auth0.ndjson')
}

test('a restart finds people, logs, links and streams again, and owes what it had not delivered', async () => {
  const file = await dataFile()
  const target = await receiver()
  const before = await startAuth0({ tenant: 'sotce', ...client, dataFile: file })
  const stream = before.createStream({ type: 'http', sink: { httpEndpoint: target.url } })
  before.faults.set({ pauseDeliveries: true })
  const ann = before.signUp({ email: 'ann@example.test' })
  const bob = before.signUp({ email: 'bob@example.test' })
  before.deleteUser(bob)
  const [users, logs] = [before.users(), before.logs()]
  const link = new URL(before.verificationLink(ann))
  await before.stop()
  await appendFile(file, '{"kind":"user","value":{"user_id":"auth0|torn')

  const after = await start({ dataFile: file })
  expect(after.users()).toEqual(users)
  expect(after.logs()).toEqual(logs)
  expect(after.streams()).toEqual([stream])
  await eventually(() => expect(target.types()).toEqual(['ss', 'ss', 'sapi', 'sdu']))
  await fetch(`${after.url}${link.pathname}${link.search}`)
  expect(after.user(ann)?.email_verified).toBe(true)
  const last = after.logs().at(-1)
  expect(last?.type).toBe('sv')
  expect((last?.log_id ?? '') > (logs.at(-1)?.log_id ?? '')).toBe(true)
  expect((await api(after, `/users/${ann}`)).status).toBe(200)
})

test('what was delivered before a restart is not owed any more', async () => {
  const file = await dataFile()
  const target = await receiver()
  const before = await startAuth0({
    tenant: 'sotce',
    ...client,
    dataFile: file,
    delivery: { batchWindowMs: 1 },
  })
  const { id } = before.createStream({ type: 'http', sink: { httpEndpoint: target.url } })
  before.signUp({ email: 'ann@example.test' })
  await eventually(() => expect(before.streamHealth(id)).toMatchObject({ delivered: 1, pending: 0 }))
  await before.stop()
  const after = await start({ dataFile: file })
  after.signUp({ email: 'bob@example.test' })
  await eventually(() => expect(target.types()).toEqual(['ss', 'ss']))
  expect(target.received[1]?.body).toContain('bob@example.test')
})

test('two tenants on free ports know nothing of each other', async () => {
  const [one, two] = [await start({ tenant: 'aesthetic' }), await start({ tenant: 'sotce' })]
  one.signUp({ email: 'ann@example.test' })
  expect(two.users()).toEqual([])
  expect(one.url).not.toBe(two.url)
})

test('a port that is taken is told at the start', async () => {
  const one = await start()
  await expect(
    startAuth0({ tenant: 'sotce', ...client, port: Number(new URL(one.url).port) }),
  ).rejects.toMatchObject({ code: 'EADDRINUSE' })
})
