import { Hono } from 'hono'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import type { RawEntry } from '../../../src/domain/events/raw-entry.ts'
import { hookVerifier } from '../../../src/http/supabase/hook-signature.ts'
import { createRefusedCalls } from '../../../src/http/supabase/refused-calls.ts'
import { supabaseWebhook } from '../../../src/http/supabase/webhook.ts'

const KEY = Buffer.from('k'.repeat(32)).toString('base64')
const TOKEN = 'b3f9a2c41d7e60853f1c'
const TAKEN = {
  accepted: 1,
  duplicates: 0,
  ignored: 0,
  quarantined: 0,
  notified: 1,
  oldest: null,
  newest: null,
}

function open({ take = () => Promise.resolve(TAKEN) }: { take?: () => Promise<typeof TAKEN> } = {}) {
  const taken: string[] = []
  const called: string[] = []
  const background: Promise<unknown>[] = []
  const refused = createRefusedCalls()
  const app = new Hono().route(
    '/webhooks/supabase',
    supabaseWebhook({
      tokens: [TOKEN],
      isSigned: hookVerifier([`v1,whsec_${KEY}`]),
      intake: {
        take: (_tenant: string, [entry]: readonly RawEntry[]) => {
          taken.push(Buffer.from(entry?.bytes ?? []).toString('utf8'))
          return take()
        },
      },
      refused,
      called: async (by) => void called.push(by),
      inBackground: (work) => void background.push(work),
    }),
  )
  const post = (body: string, headers: Record<string, string> = {}) =>
    app.request('/webhooks/supabase', { method: 'POST', body, headers })
  return { post, taken, called, background, refused }
}

function signed(body: string, at = new Date(), key = KEY): Record<string, string> {
  return {
    'webhook-id': 'msg-1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': new Webhook(key).sign('msg-1', at, body),
  }
}

describe('a call of an auth hook', () => {
  it('that is signed is taken, after the answer', async () => {
    const { post, taken, called, background, refused } = open()
    const body = '{"user":{}}'
    const answer = await post(body, signed(body))
    expect([answer.status, await answer.json()]).toEqual([200, {}])
    await Promise.all(background)
    expect(taken).toEqual([body])
    expect(called).toEqual(['hook'])
    expect(refused.findings()).toEqual([])
  })

  it.each([
    ['is not signed', '{}', {}],
    [
      'is signed with another secret',
      '{}',
      signed('{}', new Date(), Buffer.from('z'.repeat(32)).toString('base64')),
    ],
    ['is signed for another body', '{"a":1}', signed('{}')],
    ['is too old', '{}', signed('{}', new Date(Date.now() - 10 * 60_000))],
    ['is no JSON', 'x', {}],
  ])('that %s is answered all the same, starts nothing, and is an alert (S6)', async (_, body, headers) => {
    const { post, taken, background, refused } = open()
    const answer = await post(body, headers)
    expect([answer.status, await answer.json()]).toEqual([200, {}])
    await Promise.all(background)
    expect(taken).toEqual([])
    expect(refused.findings()).toMatchObject([
      { name: 'tokens-refused', about: 'hook', detail: { refused: '1' } },
    ])
  })

  it('is answered while Temporal does not answer, and where its body is too long (S6)', async () => {
    const { post } = open({ take: () => new Promise(() => {}) })
    expect((await post('{}', signed('{}'))).status).toBe(200)
    const long = JSON.stringify({ text: 'x'.repeat(300_000) })
    expect((await post(long, signed(long))).status).toBe(200)
  })
})

describe('a database webhook', () => {
  it.each([TOKEN, `Bearer ${TOKEN}`])(
    'with its token %s is answered when it was taken',
    async (authorization) => {
      const { post, taken, called } = open()
      const answer = await post('{"type":"INSERT"}', { authorization })
      expect(await answer.json()).toEqual({ accepted: 1, duplicates: 0, ignored: 0, quarantined: 0 })
      expect(taken).toEqual(['{"type":"INSERT"}'])
      expect(called).toEqual(['webhook'])
    },
  )

  it('with a wrong token is refused before its body is read', async () => {
    const { post, taken } = open()
    expect((await post('{}', { authorization: 'Bearer wrong' })).status).toBe(401)
    expect(taken).toEqual([])
  })

  it('that cannot be taken is not answered with success', async () => {
    const { post } = open({ take: () => Promise.reject(new Error('Temporal does not answer')) })
    expect((await post('{}', { authorization: TOKEN })).status).toBe(500)
  })
})
