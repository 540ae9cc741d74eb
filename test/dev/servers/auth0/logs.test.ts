import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Auth0StandIn } from '../../../../dev/servers/auth0/server.ts'
import { api, logsOf, sdk, start } from './support.ts'

async function checkpoint(auth0: Auth0StandIn, path: string) {
  const answer = await api(auth0, path)
  const next =
    /^<[^>]*\/api\/v2(\/logs\?[^>]+)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1] ?? ''
  return { logs: logsOf.parse(await answer.json()), next }
}

test('the checkpoint walks every log once in order of id, and the end repeats its own next', async () => {
  const auth0 = await start()
  const ids = Array.from({ length: 25 }, (_, n) => auth0.signUp({ email: `p${n}@example.test` }))
  const seen: string[] = []
  let at = await checkpoint(auth0, '/logs?take=10')
  while (at.logs.length > 0) {
    seen.push(...at.logs.map(({ user_id }) => user_id ?? ''))
    at = await checkpoint(auth0, at.next)
  }
  expect(seen).toEqual(ids)
  expect((await checkpoint(auth0, at.next)).next).toBe(at.next)
  auth0.verifyEmail(ids[0] ?? '')
  expect((await checkpoint(auth0, at.next)).logs.map(({ type }) => type)).toEqual(['sv'])
})

test('the typed list of the SDK reads a checkpoint as an empty page; its raw answer has the logs', async () => {
  const auth0 = await start()
  auth0.signUp({ email: 'ann@example.test' })
  const { logs } = sdk(auth0)
  const page = await logs.list({}, { queryParams: { from: '900', take: 10 } })
  expect([page.data, page.response]).toEqual([[], [expect.objectContaining({ type: 'ss' })]])
  expect(page.rawResponse.headers.get('link')).toContain('rel="next"')
})

test('E10: a page may come in another order, its next stays the newest of it', async () => {
  const auth0 = await start()
  const ids = ['a', 'b', 'c'].map((name) => auth0.signUp({ email: `${name}@example.test` }))
  auth0.faults.set({ logsUnordered: true })
  const { logs, next } = await checkpoint(auth0, '/logs?take=3')
  expect(logs.map(({ user_id }) => user_id)).toEqual(ids.toReversed())
  expect(next).toContain(logs[0]?.log_id)
})

test('E6: what is older than the retention is gone, and an old checkpoint goes on with what is left', async () => {
  let at = Date.UTC(2026, 0, 1)
  const auth0 = await start({ now: () => new Date(at), retentionMs: 24 * 3_600_000 })
  const old = auth0.signUp({ email: 'old@example.test' })
  const { logs, next } = await checkpoint(auth0, '/logs?take=10')
  at += 2 * 24 * 3_600_000
  const young = auth0.signUp({ email: 'young@example.test' })
  auth0.verifyEmail(old)
  const left = await checkpoint(auth0, next)
  expect(left.logs.map(({ type, user_id }) => [type, user_id])).toEqual([
    ['ss', young],
    ['sv', old],
  ])
  expect((await api(auth0, `/logs/${logs[0]?.log_id}`)).status).toBe(404)
  expect((await api(auth0, `/logs/${left.logs[0]?.log_id}`)).status).toBe(200)
})

test('pages of logs are newest first, searchable, and end at 1,000', async () => {
  const auth0 = await start()
  const id = auth0.signUp({ email: 'ann@example.test', verified: true })
  auth0.signUp({ email: 'bob@example.test' })
  const all = logsOf.parse(await (await api(auth0, '/logs?page=0&per_page=10')).json())
  expect(all.map(({ type }) => type)).toEqual(['ss', 'sv', 'ss'])
  const query = encodeURIComponent(`type:ss AND user_id:"${id}"`)
  const answer = await api(auth0, `/logs?q=${query}&sort=date:1&include_totals=true`)
  expect(await answer.json()).toMatchObject({ total: 1, logs: [{ user_id: id, type: 'ss' }] })
  expect((await api(auth0, '/logs?page=20&per_page=50')).status).toBe(400)
})

test('the daily figures count signups and logins', async () => {
  let at = new Date('2026-01-01T12:00:00Z')
  const auth0 = await start({ now: () => at })
  const id = auth0.signUp({ email: 'a@example.test' })
  at = new Date('2026-01-02T12:00:00Z')
  auth0.signUp({ email: 'b@example.test' })
  auth0.signUp({ email: 'c@example.test' })
  auth0.logIn(id)
  const days = await sdk(auth0).stats.getDaily({ from: '20260102', to: '20260103' })
  expect(days).toEqual([expect.objectContaining({ date: '2026-01-02T00:00:00.000Z', signups: 2, logins: 1 })])
})

test('ids grow even where the clock steps back', async () => {
  let at = Date.UTC(2026, 0, 2)
  const auth0 = await start({ now: () => new Date(at) })
  for (const back of [0, 5_000, 0, 60_000]) {
    at -= back
    auth0.signUp({ email: `p${back}${at}@example.test` })
  }
  const ids = auth0.logs().map(({ log_id }) => log_id)
  expect(ids).toEqual(ids.toSorted())
  expect(new Set(ids).size).toBe(ids.length)
  expect(z.array(z.string().length(56)).safeParse(ids).success).toBe(true)
})
