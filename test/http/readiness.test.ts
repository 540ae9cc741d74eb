import { expect, it } from 'vitest'
import { createReadiness } from '../../src/http/readiness.ts'

function setUp() {
  let [asked, logged, time] = [0, 0, 0]
  let failing = false
  const ready = createReadiness({
    ready: async () => {
      asked += 1
      if (failing) throw new Error('away')
    },
    logger: { error: () => (logged += 1) },
    now: () => time,
  })
  const pass = (ms: number) => (time += ms)
  const fail = (fails: boolean) => (failing = fails)
  return { ready, pass, fail, counts: () => ({ asked, logged }) }
}

it('asks what it needs once a second, however many ask for it', async () => {
  const { ready, pass, counts } = setUp()
  expect(await Promise.all([ready(), ready(), ready()])).toEqual([true, true, true])
  pass(999)
  await ready()
  expect(counts().asked).toBe(1)
  pass(1)
  await ready()
  expect(counts().asked).toBe(2)
})

it('logs once a minute that it is not ready, and notices when it is again', async () => {
  const { ready, pass, fail, counts } = setUp()
  fail(true)
  for (let second = 0; second < 61; second += 1) {
    expect(await ready()).toBe(false)
    pass(1_000)
  }
  expect(counts()).toEqual({ asked: 61, logged: 2 })
  fail(false)
  expect(await ready()).toBe(true)
})
