import { expect, test } from 'vitest'
import { api, client, sdk, start } from './support.ts'

const asked = {
  grant_type: 'client_credentials',
  client_id: client.clientId,
  client_secret: client.clientSecret,
}

const token = (url: string, body: unknown) =>
  fetch(`${url}/oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

test('a token is given for JSON and form bodies, and refused to a wrong secret', async () => {
  const auth0 = await start()
  expect((await token(auth0.url, asked)).status).toBe(200)
  expect(
    (await fetch(`${auth0.url}/oauth/token`, { method: 'POST', body: new URLSearchParams(asked) })).status,
  ).toBe(200)
  const wrong = await token(auth0.url, { ...asked, client_secret: 'guess' })
  expect([wrong.status, await wrong.json()]).toEqual([
    401,
    { error: 'access_denied', error_description: 'Unauthorized' },
  ])
})

test('no token, a foreign token and an expired token are each 401', async () => {
  const auth0 = await start({ tokenSeconds: 0 })
  const foreign = await start({ clientSecret: 'another' })
  const bare = await fetch(`${auth0.url}/api/v2/users`)
  expect([bare.status, await bare.json()]).toEqual([
    401,
    expect.objectContaining({ message: 'Missing authentication' }),
  ])
  const expired = await api(auth0, '/users')
  expect([expired.status, await expired.json()]).toEqual([
    401,
    expect.objectContaining({ message: expect.stringContaining('Expired') }),
  ])
  const { access_token } = (await (await token(auth0.url, asked)).json()) as { access_token: string }
  const other = await fetch(`${foreign.url}/api/v2/users`, {
    headers: { authorization: `Bearer ${access_token}` },
  })
  expect([other.status, await other.json()]).toEqual([
    401,
    expect.objectContaining({ message: 'Invalid token' }),
  ])
})

test('a scope that was not granted is 403 and named', async () => {
  const auth0 = await start({ scopes: ['read:users'] })
  expect((await api(auth0, '/users')).status).toBe(200)
  await expect(sdk(auth0).users.delete('auth0|x')).rejects.toMatchObject({
    statusCode: 403,
    body: { errorCode: 'insufficient_scope', message: 'Insufficient scope, expected any of: delete:users' },
  })
})

test('limits are told on every answer and kept per bucket', async () => {
  const auth0 = await start({ rateLimits: { readLogs: { calls: 2, perSeconds: 3600 } } })
  const first = await api(auth0, '/logs')
  expect(first.headers.get('x-ratelimit-limit')).toBe('2')
  expect(first.headers.get('x-ratelimit-remaining')).toBe('1')
  await api(auth0, '/logs')
  const third = await api(auth0, '/logs')
  expect([third.status, await third.json()]).toEqual([
    429,
    {
      statusCode: 429,
      error: 'Too Many Requests',
      message: 'Global limit has been reached',
      errorCode: 'too_many_requests',
    },
  ])
  expect(third.headers.get('x-ratelimit-remaining')).toBe('0')
  expect(Number(third.headers.get('x-ratelimit-reset')) * 1000).toBeGreaterThan(Date.now())
  expect((await api(auth0, '/users')).status).toBe(200)
  auth0.setRateLimits({ readLogs: { calls: 5, perSeconds: 60 } })
  expect((await api(auth0, '/logs')).status).toBe(200)
})

test('E12: a planned 429 carries its reset in the future, for as many calls as asked, and has no effect', async () => {
  const auth0 = await start()
  const id = auth0.signUp({ email: 'ann@example.test' })
  auth0.faults.set({ apiError: { status: 429, count: 1, path: '/api/v2/users', resetSeconds: 90 } })
  expect((await api(auth0, '/logs')).status).toBe(200)
  const refused = await api(auth0, `/users/${id}`, 'DELETE')
  expect(refused.status).toBe(429)
  expect(Number(refused.headers.get('x-ratelimit-reset'))).toBeGreaterThan(Date.now() / 1000 + 60)
  expect(auth0.user(id)).toBeDefined()
  expect((await api(auth0, `/users/${id}`, 'DELETE')).status).toBe(204)
})

test('a lost answer takes effect; a 500 stays until it is lifted', async () => {
  const auth0 = await start()
  const id = auth0.signUp({ email: 'ann@example.test' })
  auth0.faults.set({ lostAnswers: { count: 1, method: 'PATCH' } })
  await expect(sdk(auth0).users.update(id, { name: 'Ann' })).rejects.toThrow()
  expect(auth0.user(id)?.name).toBe('Ann')
  expect(await sdk(auth0).users.update(id, { name: 'Anna' })).toMatchObject({ name: 'Anna' })
  auth0.faults.set({ apiError: { status: 500 } })
  expect([(await api(auth0, '/users')).status, (await api(auth0, '/users')).status]).toEqual([500, 500])
  auth0.faults.set({ apiError: null })
  expect((await api(auth0, '/users')).status).toBe(200)
})

test('faults are shown, set, lifted and refused over HTTP', async () => {
  const auth0 = await start()
  const post = (body: unknown) =>
    fetch(`${auth0.url}/_faults`, { method: 'POST', body: JSON.stringify(body) })
  await post({ drop: { count: 2, type: 'sv' }, listLagMs: 100 })
  await post({ listLagMs: null })
  expect(await (await fetch(`${auth0.url}/_faults`)).json()).toEqual({ drop: { count: 2, type: 'sv' } })
  expect((await post({ dorp: {} })).status).toBe(400)
  await fetch(`${auth0.url}/_faults`, { method: 'DELETE' })
  expect(auth0.faults.current()).toEqual({})
})

test('an address that does not exist is 404 in the shape of Auth0', async () => {
  const auth0 = await start()
  const answer = await api(auth0, '/nothing')
  expect([answer.status, await answer.json()]).toEqual([
    404,
    { statusCode: 404, error: 'Not Found', message: 'Not Found' },
  ])
})
