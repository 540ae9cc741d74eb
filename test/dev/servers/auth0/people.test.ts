import { expect, test } from 'vitest'
import { z } from 'zod'
import { api, client, sdk, start } from './support.ts'

const types = (auth0: { logs(): readonly { type: string }[] }) => auth0.logs().map(({ type }) => type)

const signup = (url: string, email: string, password = 'correct horse battery') =>
  fetch(`${url}/dbconnections/signup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_id: 'spa',
      connection: 'Username-Password-Authentication',
      email,
      password,
      user_metadata: { a: 1 },
    }),
  })

test('a signup makes an unverified user and a log that names both and hides the password', async () => {
  const auth0 = await start()
  const answer = await signup(auth0.url, 'Ann@example.test')
  expect(answer.status).toBe(200)
  const { _id } = z.object({ _id: z.string() }).parse(await answer.json())
  expect(auth0.user(`auth0|${_id}`)).toMatchObject({
    email: 'ann@example.test',
    email_verified: false,
    user_metadata: { a: 1 },
  })
  expect(auth0.logs()).toEqual([
    expect.objectContaining({
      type: 'ss',
      user_id: `auth0|${_id}`,
      user_name: 'ann@example.test',
      strategy_type: 'database',
      client_id: 'spa',
      details: {
        body: expect.objectContaining({ email: 'Ann@example.test', password: '*****', tenant: 'aesthetic' }),
      },
      log_id: expect.stringMatching(/^900\d{53}$/),
    }),
  ])
})

test('a taken address and a weak password are refused as Auth0 does, each with its own failed signup', async () => {
  const auth0 = await start()
  await signup(auth0.url, 'ann@example.test')
  const taken = await signup(auth0.url, 'ANN@example.test')
  expect([taken.status, await taken.json()]).toEqual([
    400,
    expect.objectContaining({ code: 'invalid_signup' }),
  ])
  const weak = await signup(auth0.url, 'bob@example.test', 'short')
  expect([weak.status, await weak.json()]).toEqual([
    400,
    expect.objectContaining({ name: 'PasswordStrengthError', code: 'invalid_password' }),
  ])
  expect(types(auth0)).toEqual(['ss', 'fs', 'fs'])
  expect(auth0.users()).toHaveLength(1)
})

test('a verification link works once, then says so', async () => {
  const auth0 = await start()
  const id = auth0.signUp({ email: 'ann@example.test' })
  const { ticket } = await sdk(auth0).tickets.verifyEmail({
    user_id: id,
    result_url: `${auth0.url}/u/email-verification/result`,
  })
  const first = await fetch(ticket, { redirect: 'manual' })
  expect([first.status, first.headers.get('location')]).toEqual([
    302,
    expect.stringContaining('success=true'),
  ])
  expect(auth0.user(id)?.email_verified).toBe(true)
  expect(auth0.logs().at(-1)).toMatchObject({
    type: 'sv',
    user_id: id,
    details: { email: 'ann@example.test', query: { email: 'ann@example.test', user_id: id } },
  })
  const second = await fetch(ticket, { redirect: 'manual' })
  expect(second.headers.get('location')).toContain('success=false')
  expect(auth0.logs().at(-1)).toMatchObject({ type: 'fv', user_id: id })
})

test('a link expires, and a link for a former address verifies nothing', async () => {
  let at = new Date('2030-01-01T00:00:00Z')
  const auth0 = await start({ now: () => at })
  const id = auth0.signUp({ email: 'ann@example.test' })
  const old = auth0.verificationLink(id)
  const other = auth0.verificationLink(id)
  auth0.changeEmail(id, 'ann@example.com')
  await fetch(other)
  at = new Date('2030-01-07T00:00:00Z')
  await fetch(old)
  expect(auth0.user(id)?.email_verified).toBe(false)
  expect(types(auth0).filter((type) => type === 'fv')).toHaveLength(2)
})

test('the SDK reads, changes and deletes a user, and each leaves the logs of Auth0', async () => {
  const auth0 = await start()
  const id = auth0.signUp({ email: 'ann@example.test', verified: true })
  const { users } = sdk(auth0)
  expect(await users.get(id)).toMatchObject({ user_id: id, email_verified: true })
  await users.update(id, { user_metadata: { handle: 'ann' }, app_metadata: { plan: 'free' } })
  await users.update(id, { user_metadata: { handle: null, colour: 'red' } })
  expect(auth0.user(id)).toMatchObject({ user_metadata: { colour: 'red' }, app_metadata: { plan: 'free' } })
  expect(await users.update(id, { email: 'New@example.test' })).toMatchObject({
    email: 'new@example.test',
    email_verified: false,
  })
  expect(auth0.logs().at(-1)).toMatchObject({
    type: 'sce',
    user_id: id,
    details: {
      body: { email: 'ann@example.test', newEmail: 'new@example.test', email_verified: 'false', user_id: id },
    },
  })
  expect(await users.listUsersByEmail({ email: 'new@example.test' })).toHaveLength(1)
  expect(await users.listUsersByEmail({ email: 'ann@example.test' })).toHaveLength(0)
  await users.delete(id)
  await expect(users.get(id)).rejects.toMatchObject({
    statusCode: 404,
    body: { errorCode: 'inexistent_user' },
  })
  expect(types(auth0)).toEqual(['ss', 'sv', 'sapi', 'sapi', 'sapi', 'sce', 'sapi', 'sdu'])
  expect(JSON.stringify(auth0.logs().at(-1))).not.toContain('@')
  await expect(users.delete(id)).resolves.toBeUndefined()
})

test('a `sapi` names its caller, and the person only in its path and answer', async () => {
  const auth0 = await start()
  const made = await sdk(auth0).users.create({
    connection: 'Username-Password-Authentication',
    email: 'ann@example.test',
  })
  expect(auth0.logs()).toEqual([
    expect.objectContaining({
      type: 'sapi',
      user_id: `${client.clientId}@clients`,
      details: expect.objectContaining({
        request: expect.objectContaining({ method: 'post', path: '/api/v2/users' }),
        response: { statusCode: 201, body: expect.objectContaining({ user_id: made.user_id }) },
      }),
    }),
  ])
  const again = await api(auth0, '/users', 'POST', {
    connection: 'Username-Password-Authentication',
    email: 'ann@example.test',
  })
  expect([again.status, await again.json()]).toEqual([
    409,
    expect.objectContaining({ errorCode: 'auth0_idp_error' }),
  ])
})

test('E7, E8: social, imported and seeded people give no signup, and a silent verification no event at all', async () => {
  const auth0 = await start()
  const social = auth0.createUser({ via: 'social', email: 'Ann@example.test' })
  const imported = auth0.createUser({ via: 'import', email: 'ann@example.test' })
  const [seeded = ''] = auth0.seedUsers([
    { email: 'old@example.test', createdAt: new Date('2020-01-01T00:00:00Z') },
  ])
  auth0.setEmailVerified(imported, true)
  expect(social).toMatch(/^google-oauth2\|/)
  expect([social, imported, seeded].map((id) => auth0.user(id)?.email_verified)).toEqual([true, true, false])
  expect(auth0.logs().map(({ type, user_id }) => [type, user_id])).toEqual([
    ['s', social],
    ['sui', undefined],
  ])
})

test('another verification mail is a job, and its link works', async () => {
  const auth0 = await start()
  const id = auth0.signUp({ email: 'ann@example.test' })
  const job = await sdk(auth0).jobs.verificationEmail.create({ user_id: id })
  expect(job).toMatchObject({ type: 'verification_email', status: 'pending' })
  expect(await sdk(auth0).jobs.get(job.id)).toMatchObject({ status: 'completed' })
  expect(auth0.logs().find(({ type }) => type === 'svr')).toMatchObject({ user_id: id })
  const [link = ''] = auth0.openLinks(id)
  await fetch(link)
  expect(auth0.user(id)?.email_verified).toBe(true)
  expect(auth0.openLinks(id)).toEqual([])
})

test('what a body must not hold is refused by name', async () => {
  const auth0 = await start()
  const id = auth0.signUp({ email: 'ann@example.test' })
  const answer = await api(auth0, `/users/${encodeURIComponent(id)}`, 'PATCH', { email_verified: 'yes' })
  expect([answer.status, await answer.json()]).toEqual([
    400,
    {
      statusCode: 400,
      error: 'Bad Request',
      message: expect.stringContaining('email_verified'),
      errorCode: 'invalid_body',
    },
  ])
})
