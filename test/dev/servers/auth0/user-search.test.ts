import { gunzipSync } from 'node:zlib'
import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import { api, sdk, start } from './support.ts'

const minute = (n: number) => new Date(Date.UTC(2026, 0, 1, 0, n))
const crowd = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    email: `p${n}@example.test`,
    createdAt: minute(n),
    verified: n % 2 === 0,
  }))

async function find(auth0: Awaited<ReturnType<typeof start>>, q: string): Promise<string[]> {
  const page = await sdk(auth0).users.list({ q, sort: 'created_at:1', per_page: 100, search_engine: 'v3' })
  return page.data.map(({ email = '' }) => email.replace(/@.*/, ''))
}

test.each([
  ['created_at:[2026-01-01T00:01:00.000Z TO 2026-01-01T00:03:00.000Z]', ['p1', 'p2', 'p3']],
  ['created_at:{2026-01-01T00:01:00.000Z TO 2026-01-01T00:03:00.000Z}', ['p2']],
  ['created_at:[2026-01-01T00:01:00.000Z TO 2026-01-01T00:03:00.000Z}', ['p1', 'p2']],
  ['created_at:[2026-01-01T00:04:00Z TO *]', ['p4', 'p5']],
  ['created_at:[2026-01-01 TO 2026-01-01]', ['p0', 'p1', 'p2', 'p3', 'p4', 'p5']],
  ['created_at:{2026-01-01 TO *]', []],
  ['email_verified:true AND created_at:[* TO 2026-01-01T00:03:00Z]', ['p0', 'p2']],
  ['NOT email_verified:true AND NOT email:"p1@example.test"', ['p3', 'p5']],
  ['email:"P1@example.test" OR (email:p2* AND email_verified:true)', ['p1', 'p2']],
  ['identities.connection:"Username-Password-Authentication" AND user_id:"auth0|x"', []],
  ['email.domain:"example.com"', []],
  ['_exists_:last_login', []],
])('the query %s', async (q, expected) => {
  const auth0 = await start()
  auth0.seedUsers(crowd(6))
  expect(await find(auth0, q)).toEqual(expected)
})

test.each([
  'email:',
  'nonsense',
  'shoe_size:44',
  'email:a email:b',
  '(email:a',
  'created_at:[x TO y]',
  'email:a~',
])('the query %s is refused', async (q) => {
  const auth0 = await start()
  const answer = await api(auth0, `/users?q=${encodeURIComponent(q)}`)
  expect([answer.status, await answer.json()]).toEqual([
    400,
    expect.objectContaining({ errorCode: 'invalid_query_string' }),
  ])
})

test('never more than 1,000 results, but a slice by time reaches everyone', async () => {
  const auth0 = await start()
  auth0.seedUsers(crowd(1_100))
  const last = await sdk(auth0).users.list({ page: 9, per_page: 100 })
  expect(last.response).toMatchObject({ start: 900, length: 100, total: 1_100 })
  const beyond = await api(auth0, '/users?page=10&per_page=100')
  expect([beyond.status, await beyond.json()]).toEqual([
    400,
    expect.objectContaining({ errorCode: 'invalid_paging' }),
  ])
  const { data } = await sdk(auth0).users.list({
    q: `created_at:[${minute(1_000).toISOString()} TO *]`,
    per_page: 100,
  })
  expect(data).toHaveLength(100)
  expect((await api(auth0, '/users?per_page=101')).status).toBe(400)
})

test('pages walk in order of creation, fields are picked', async () => {
  const auth0 = await start()
  auth0.seedUsers(crowd(5).toReversed())
  const newest = await api(auth0, '/users?sort=created_at:-1&per_page=2&fields=email')
  expect(await newest.json()).toEqual([{ email: 'p4@example.test' }, { email: 'p3@example.test' }])
  const without = await api(
    auth0,
    '/users?sort=created_at:1&per_page=1&fields=identities&include_fields=false',
  )
  expect(await without.json()).toEqual([expect.not.objectContaining({ identities: expect.anything() })])
})

test('E11: the list lags, the look-up by id and by e-mail does not', async () => {
  let at = Date.UTC(2026, 0, 1)
  const auth0 = await start({ now: () => new Date(at) })
  const old = auth0.signUp({ email: 'old@example.test' })
  auth0.faults.set({ listLagMs: 60_000 })
  const young = auth0.signUp({ email: 'young@example.test', verified: true })
  auth0.verifyEmail(old)
  const gone = auth0.seedUsers([{ email: 'gone@example.test' }])[0] ?? ''
  const listed = async () =>
    (await sdk(auth0).users.list()).data.map(({ email, email_verified }) => [email, email_verified])
  expect(await listed()).toEqual([['old@example.test', false]])
  expect(await sdk(auth0).users.get(young)).toMatchObject({ email_verified: true })
  expect(await sdk(auth0).users.listUsersByEmail({ email: 'young@example.test' })).toHaveLength(1)
  at += 61_000
  auth0.deleteUser(gone)
  expect(await listed()).toHaveLength(3)
  auth0.faults.clear()
  expect(await listed()).toEqual([
    ['old@example.test', true],
    ['young@example.test', true],
  ])
})

test('an export holds everyone past the cap, and its link lives 60 seconds', async () => {
  const auth0 = await start()
  auth0.seedUsers(crowd(1_200))
  const fields = [{ name: 'user_id' }, { name: 'email', export_as: 'mail' }]
  const { id } = await sdk(auth0).jobs.usersExports.create({ format: 'json', fields })
  const { location = '', status } = await sdk(auth0).jobs.get(id)
  expect(status).toBe('completed')
  const file = await fetch(location)
  const lines = gunzipSync(Buffer.from(await file.arrayBuffer()))
    .toString()
    .trim()
    .split('\n')
  expect(lines).toHaveLength(1_200)
  expect(z.record(z.string(), z.string()).parse(JSON.parse(lines[7] ?? ''))).toEqual({
    user_id: expect.stringContaining('auth0|'),
    mail: 'p7@example.test',
  })
  vi.useFakeTimers({ now: Date.now() + 61_000, toFake: ['Date'] })
  expect((await fetch(location)).status).toBe(403)
  vi.useRealTimers()
})
