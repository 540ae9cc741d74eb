import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readOperatorAddress } from '../../../src/config/operator-address.ts'
import { hashOf } from '../../../src/config/operators.ts'
import { OutsideError } from '../../../src/domain/outside-error.ts'
import { OPERATOR_ROLES } from '../../../src/domain/operators.ts'
import { createOperatorApp } from '../../../src/http/operators/app.ts'
import { identifyBy } from '../../../src/http/operators/identify.ts'
import { defineRoute } from '../../../src/http/operators/route.ts'

const operators = OPERATOR_ROLES.map(
  (role) => `${role}-1:${role}:${hashOf(`token-of-${role}`).toString('hex')}`,
)
const HOLDFAST_OPERATORS = [...operators, 'sso:operator:sso'].join(',')
const address = readOperatorAddress({
  OPERATOR_PORT: '1',
  HOLDFAST_OPERATORS,
  OPERATOR_HEADER: 'X-Forwarded-User',
  OPERATOR_PROXIES: '10.0.3.7',
})
if (address === null) throw new Error('it has a port')

const logged: unknown[] = []
const Name = z.object({ name: z.string() })
const app = createOperatorApp({
  routes: [
    ...OPERATOR_ROLES.map((role) =>
      defineRoute({
        method: 'post',
        path: `/api/${role}/:id`,
        role,
        summary: role,
        params: z.object({ id: z.string().max(3) }),
        query: z.object({ n: z.coerce.number().default(7) }),
        body: z.object({ why: z.string().optional() }),
        answer: { status: 200, description: role, schema: z.object({ got: z.unknown(), by: Name }) },
        handle: ({ params, query, body, by }) => Promise.resolve({ got: { params, query, body }, by }),
      }),
    ),
    defineRoute({
      method: 'get',
      path: '/api/away',
      role: 'viewer',
      summary: 'away',
      answer: { status: 200, description: 'never', schema: Name },
      handle: () => Promise.reject(new OutsideError('temporal-refused', 'away', { detail: { answer: 'x' } })),
    }),
    defineRoute({
      method: 'get',
      path: '/plain',
      role: 'viewer',
      summary: 'text',
      answer: { status: 200, description: 'text', schema: z.string(), text: 'text/plain; version=0.0.4' },
      handle: () => Promise.resolve('a 1\n'),
    }),
  ],
  identify: identifyBy(address),
  logger: { error: (fields: unknown) => void logged.push(fields) },
  docsUrl: 'https://docs.example.com',
  system: 'atproto',
})

const from = (remoteAddress: string) => ({ incoming: { socket: { remoteAddress } } })
const bearer = (role: string) => ({ authorization: `Bearer token-of-${role}` })
const send = (path: string, headers: Record<string, string>, init: RequestInit = {}, env: object = {}) =>
  app.request(path, { method: 'POST', ...init, headers: { host: 'ops.example.com', ...headers } }, env)

describe("the operators' address", () => {
  it.each(OPERATOR_ROLES)('carries out for the %s what the role and those below it may', async (role) => {
    const statuses = await Promise.all(
      OPERATOR_ROLES.map(async (required) => (await send(`/api/${required}/a`, bearer(role))).status),
    )
    const may = OPERATOR_ROLES.indexOf(role)
    expect(statuses).toEqual(OPERATOR_ROLES.map((_, index) => (index <= may ? 200 : 403)))
  })

  it.each([
    ['without a token', {}],
    ['with an unknown token', bearer('nobody')],
    ['with the header of the proxy from elsewhere', { 'x-forwarded-user': 'admin-1' }],
  ])(
    'refuses %s, with the page that explains it, whether or not there is such an address',
    async (_, headers) => {
      for (const path of ['/api/viewer/a', '/api/none']) {
        const answer = await send(path, headers, {}, from('10.0.3.8'))
        expect(answer.status).toBe(401)
        expect(answer.headers.get('content-type')).toBe('application/problem+json')
        expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/)
        expect(await answer.json()).toMatchObject({
          type: 'https://docs.example.com/problems.md#operator-unknown',
          status: 401,
        })
      }
    },
  )

  it.each(['10.0.3.7', '::ffff:10.0.3.7'])(
    'believes the header on connections of the proxy (%s)',
    async (peer) => {
      const as = (name: string) => send('/api/operator/a', { 'x-forwarded-user': name }, {}, from(peer))
      expect(await (await as('sso')).json()).toMatchObject({ by: { name: 'sso', role: 'operator' } })
      expect((await as('viewer-1')).status).toBe(403)
      expect((await as('nobody')).status).toBe(401)
    },
  )

  it.each([
    [{ origin: 'https://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ origin: 'https://ops.example.com', 'sec-fetch-site': 'same-origin' }, 200],
  ])('answers a page with the headers %o by %i', async (headers, status) => {
    expect((await send('/api/viewer/a', { ...bearer('viewer'), ...headers })).status).toBe(status)
  })

  it('gives a handler the parts of the request in their declared form', async () => {
    const json = { ...bearer('viewer'), 'content-type': 'application/json' }
    const answer = await send('/api/viewer/a?n=4', json, { body: '{"why":"x","more":1}' })
    expect(await answer.json()).toMatchObject({
      got: { params: { id: 'a' }, query: { n: 4 }, body: { why: 'x' } },
    })
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(await (await send('/api/viewer/a', bearer('viewer'))).json()).toMatchObject({ got: { body: {} } })
  })

  it.each([
    ['/api/viewer/abcd', '{}', 'application/json', 400, 'path.id'],
    ['/api/viewer/a?n=x', '{}', 'application/json', 400, 'query.n'],
    ['/api/viewer/a', '{"why":1}', 'application/json', 400, 'body.why'],
    ['/api/viewer/a', '{', 'application/json', 400, 'body: it is not JSON'],
    ['/api/viewer/a', '{}', 'text/plain', 415, ''],
    ['/api/viewer/a', `"${'x'.repeat(1024 * 1024)}"`, 'application/json', 413, ''],
    ['/api/none', '{}', 'application/json', 404, ''],
  ])('%s is refused where it is not valid', async (path, body, type, status, detail) => {
    const headers = { ...bearer('viewer'), 'content-type': type, 'content-length': String(body.length) }
    const answer = await send(path, headers, { body })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(JSON.stringify(await answer.json())).toContain(detail)
  })

  it('names a dependency that does not answer as a blocked signup does, and logs it', async () => {
    const answer = await app.request('/api/away', { headers: bearer('viewer') })
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({
      type: 'https://docs.example.com/problems.md#temporal-refused',
      title: 'Temporal refuses a request of Holdfast (x).',
    })
    expect(logged).toHaveLength(1)
  })

  it('answers text where a route says so', async () => {
    const answer = await app.request('/plain', { headers: bearer('viewer') })
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4')
    expect(await answer.text()).toBe('a 1\n')
  })
})
