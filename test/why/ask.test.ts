import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { queryStore, ANSWER_MS } from '../../src/why/query-store.ts'
import { patience } from '../support/patience.ts'

// The time limit uses a promise of node:timers/promises, which fake timers do not replace.
const limits: { ms: number; pass: () => void; aborted: () => boolean }[] = []
vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number, _value: undefined, { signal }: { signal: AbortSignal }) =>
    new Promise<void>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')))
      limits.push({ ms, pass: resolve, aborted: () => signal.aborted })
    }),
}))
beforeEach(() => void limits.splice(0))
afterEach(() => vi.restoreAllMocks())

const never = (): Promise<never> => new Promise(() => undefined)
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

it('limits the time of a store that does not answer', async () => {
  const asked = queryStore('atproto', never)
  await vi.waitFor(() => expect(limits).toHaveLength(1), { timeout: patience(5_000) })
  expect(limits[0]?.ms).toBe(ANSWER_MS)
  limits[0]?.pass()
  expect(await asked).toEqual({ asked: false, because: 'no answer within 5 s' })
})

it('counts the time from when the modules are loaded, however long that takes', async () => {
  const loaded = Promise.withResolvers<void>()
  const asked = queryStore('atproto', never, loaded.promise)
  await turn()
  expect(limits).toEqual([])
  loaded.resolve()
  await vi.waitFor(() => expect(limits).toHaveLength(1), { timeout: patience(5_000) })
  limits[0]?.pass()
  expect(await asked).toMatchObject({ asked: false })
})

it('takes an answer that comes before the modules are loaded, and ends its limit', async () => {
  const loaded = Promise.withResolvers<void>()
  expect(await queryStore('atproto', () => Promise.resolve(7), loaded.promise)).toEqual({
    asked: true,
    value: 7,
  })
  expect(await queryStore('atproto', () => Promise.resolve(8))).toEqual({ asked: true, value: 8 })
  await turn()
  expect(limits.every(({ aborted }) => aborted())).toBe(true)
})
