import { beforeAll, describe, expect, it } from 'vitest'
import { createActionLog } from '../../src/state/mongo/actions.ts'
import { hashOf } from '../../src/config/operators.ts'
import { loadConfig } from '../../src/config.ts'
import type { RecordedAction } from '../../src/contracts/actions.ts'
import { createIdHash } from '../../src/crypto/keyring.ts'
import { openWebhook, type Webhook } from '../support/webhook.ts'
import { openWorld, type World } from '../support/world.ts'

const UI = 'https://ui.example.com:8233'

let world: World
let deployed: Webhook
let local: Webhook
let bearer = {}
beforeAll(async () => {
  world = await openWorld({ env: { TEMPORAL_UI_URL: `${UI}/namespaces` } })
  deployed = openWebhook(world)
  local = openWebhook(world, { HOLDFAST_CODEC: 'open', HOST: '127.0.0.1' })
  bearer = { authorization: `Bearer ${world.env['HOLDFAST_OPERATOR_TOKEN']}` }
})

interface Wire {
  metadata: Record<string, string>
  data: string
}
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const plain = (value: unknown): Wire => ({
  metadata: { encoding: base64('json/plain') },
  data: base64(JSON.stringify(value)),
})
const jsonOf = ({ data }: Wire): unknown => JSON.parse(Buffer.from(data, 'base64').toString())

const ask = ({ app }: Webhook, what: string, payloads: unknown, headers: Record<string, string> = {}) =>
  app.request(`/codec/${what}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ payloads }),
  })
const payloadsOf = async (answer: Response): Promise<Wire[]> =>
  ((await answer.json()) as { payloads: Wire[] }).payloads
const actions = (): Promise<RecordedAction[]> => createActionLog(world.db).list({}, 1_000)

const PERSONAL = { identity: 'samlp|acme|canary@example.com', tenant: 'aesthetic' }
const sealed = async (): Promise<Wire> => {
  const [first] = await payloadsOf(await ask(deployed, 'encode', [plain(PERSONAL)], bearer))
  if (first === undefined) throw new Error('nothing encoded')
  return first
}

describe('POST /codec', () => {
  it('E14: leaves a payload that is too deep to be walked as it came, and opens the others', async () => {
    const note = (await sealed()).metadata
    const deep = { metadata: note, data: base64('['.repeat(50_000) + ']'.repeat(50_000)) }
    const answer = await ask(deployed, 'decode', [deep, await sealed()], bearer)
    expect(answer.status).toBe(200)
    expect(await payloadsOf(answer)).toEqual([deep, plain(PERSONAL)])
    const levels = '['.repeat(50_000) + ']'.repeat(50_000)
    const unsealed = {
      metadata: { encoding: base64('json/plain') },
      data: base64(`{"email":"x@y.z","x":${levels}}`),
    }
    expect((await ask(deployed, 'encode', [unsealed], bearer)).status).toBe(400)
  })

  it('refuses to seal what says it is JSON and is not', async () => {
    const broken = { ...plain(PERSONAL), data: base64('{"email":"x@y.z"') }
    expect((await ask(deployed, 'encode', [broken], bearer)).status).toBe(400)
  })

  it('seals what is personal in plain JSON and shows it again, each showing recorded', async () => {
    const wire = await sealed()
    expect(JSON.stringify(jsonOf(wire))).not.toContain('canary')
    expect(jsonOf(wire)).toMatchObject({ tenant: 'aesthetic' })
    const before = await actions()
    const unsealed = plain({ stage: 'recording' })
    const shown = await payloadsOf(await ask(deployed, 'decode', [unsealed, wire], bearer))
    expect(shown).toEqual([unsealed, plain(PERSONAL)])
    const now = await actions()
    const [record] = now
    expect(now).toHaveLength(before.length + 1)
    expect(record).toMatchObject({
      name: 'decode',
      kind: 'show',
      by: { name: 'operator', verified: true, via: 'codec' },
      subjects: [createIdHash(loadConfig(['keys'], world.env).keys.id)(PERSONAL.identity)],
      outcome: 'shown',
      keyIds: ['test'],
      count: 1,
    })
    expect(JSON.stringify(record)).not.toContain('canary')
  })

  it('records nothing where nothing was sealed', async () => {
    const before = await actions()
    const forged = { ...plain({ stage: 'recording' }).metadata, 'hf-sealed-with': base64('test') }
    await ask(deployed, 'decode', [plain({ stage: 'recording' })], bearer)
    await ask(deployed, 'decode', [{ ...plain({ stage: 'recording' }), metadata: forged }], bearer)
    expect(await actions()).toEqual(before)
  })

  it('X4: records the key that opened it, whatever the sender says', async () => {
    const wire = await sealed()
    const lying = { ...wire, metadata: { ...wire.metadata, 'hf-sealed-with': base64('not-the-key\x1b[2J') } }
    expect(await payloadsOf(await ask(deployed, 'decode', [lying], bearer))).toEqual([plain(PERSONAL)])
    const [record] = await actions()
    expect(record?.keyIds).toEqual(['test'])
  })

  it('X4: names the operator whose token it was, and shows nothing to a role that may only look', async () => {
    const named = openWebhook(world, {
      HOLDFAST_OPERATORS: ['ana:admin', 'ben:viewer']
        .map((entry) => `${entry}:${hashOf(`token of ${entry}`.replaceAll(' ', '-')).toString('hex')}`)
        .join(','),
    })
    const by = (entry: string) => ({ authorization: `Bearer token-of-${entry}` })
    const wire = await sealed()
    expect((await ask(named, 'decode', [wire], by('ana:admin'))).status).toBe(200)
    expect((await actions())[0]?.by).toEqual({ name: 'ana', verified: true, via: 'codec' })
    const before = await actions()
    const refused = await ask(named, 'decode', [wire], by('ben:viewer'))
    expect(refused.status).toBe(403)
    expect(await refused.text()).not.toContain('canary')
    expect((await ask(named, 'decode', [wire], bearer)).status).toBe(401)
    expect(await actions()).toEqual(before)
  })

  it('leaves what it cannot open as it is, beside what it can', async () => {
    const wire = await sealed()
    const spoilt = { ...wire, data: base64('{"hf:sealed":"hf1.other.AAAA.AAAA"}') }
    const shown = await payloadsOf(await ask(deployed, 'decode', [spoilt, wire], bearer))
    expect(shown).toEqual([spoilt, plain(PERSONAL)])
  })

  it.each([
    ['no token', {}],
    ['a wrong one', { authorization: 'Bearer something' }],
    ['a token without its scheme', { authorization: 'TOKEN' }],
  ])('refuses %s', async (_, headers: Record<string, string>) => {
    const token = world.env['HOLDFAST_OPERATOR_TOKEN'] ?? ''
    const given = Object.fromEntries(Object.entries(headers).map(([k, v]) => [k, v.replace('TOKEN', token)]))
    for (const what of ['encode', 'decode'])
      expect((await ask(deployed, what, [plain(PERSONAL)], given)).status).toBe(401)
  })

  it('refuses a body that is none', async () => {
    expect((await ask(deployed, 'decode', [{ data: 'no base64!' }], bearer)).status).toBe(400)
    expect((await ask(deployed, 'decode', null, bearer)).status).toBe(400)
  })

  it('shows nothing that cannot be recorded', async () => {
    const wire = await sealed()
    const away = openWebhook(world, {
      MONGODB_URI: 'mongodb://127.0.0.1:1/?directConnection=true&serverSelectionTimeoutMS=200',
    })
    const answer = await ask(away, 'decode', [wire], bearer)
    expect(answer.status).toBe(503)
    expect(await answer.text()).not.toContain('canary')
  })
})

describe('a browser', () => {
  const preflight = (origin: string) =>
    deployed.app.request('/codec/decode', {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,x-namespace',
      },
    })

  it("may ask from Temporal's UI, token and namespace in its headers", async () => {
    const { status, headers } = await preflight(UI)
    expect(status).toBe(204)
    expect(headers.get('access-control-allow-origin')).toBe(UI)
    for (const name of ['authorization', 'content-type', 'x-namespace'])
      expect(headers.get('access-control-allow-headers')).toContain(name)
    const answer = await ask(deployed, 'decode', [await sealed()], { ...bearer, origin: UI })
    expect(answer.headers.get('access-control-allow-origin')).toBe(UI)
  })

  it('may not from any other page', async () => {
    const { headers } = await preflight('http://elsewhere.example.com')
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })

  it('X3: of a foreign or sandboxed page is refused in both modes, token or not', async () => {
    const wire = await sealed()
    for (const origin of ['null', 'http://elsewhere.example.com']) {
      for (const codec of [deployed, local]) {
        const answer = await ask(codec, 'decode', [wire], { ...bearer, origin })
        expect(answer.status).toBe(403)
        expect(answer.headers.get('access-control-allow-origin')).toBeNull()
        expect(await answer.text()).not.toContain('canary')
      }
    }
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', ''])(
    'X3: cannot send a form as %j',
    async (type) => {
      const answer = await ask(local, 'decode', [await sealed()], { 'content-type': type })
      expect(answer.status).toBe(415)
    },
  )

  it('keeps nothing of what it was shown', async () => {
    const answer = await ask(deployed, 'decode', [await sealed()], bearer)
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  it('on the machine of npm start needs no token, and still has to be on the UI', async () => {
    const wire = await sealed()
    expect(await payloadsOf(await ask(local, 'decode', [wire], { origin: UI }))).toEqual([plain(PERSONAL)])
    const stranger = await ask(local, 'decode', [wire], { origin: 'http://elsewhere.example.com' })
    expect(stranger.status).toBe(403)
    expect(await stranger.text()).not.toContain('canary')
  })
})
