import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createRefreshed } from '../../../src/http/metrics/refreshed.ts'

function setUp({ waitMs = 5_000 } = {}) {
  let [loads, time] = [0, 0]
  let answer: () => Promise<number> = () => Promise.resolve(loads)
  const failures: unknown[] = []
  const read = createRefreshed({
    load: () => {
      loads += 1
      return answer()
    },
    everyMs: 1_000,
    onFailure: (error) => void failures.push(error),
    waitMs,
    now: () => time,
  })
  return {
    read,
    failures,
    pass: (ms: number) => void (time += ms),
    answers: (given: () => Promise<number>) => void (answer = given),
    loads: () => loads,
  }
}

describe('a value that is refreshed', () => {
  it('is loaded once for fifty readers at once, and again only after its interval', async () => {
    const { read, pass, loads } = setUp()
    const values = await Promise.all(Array.from({ length: 50 }, () => read()))
    expect(new Set(values.map(({ value }) => value))).toEqual(new Set([1]))
    pass(999)
    await read()
    expect(loads()).toBe(1)
    pass(1)
    expect((await read()).value).toBe(2)
  })

  it('stays, with its age, while it cannot be loaded; the failure is reported once', async () => {
    const { read, pass, answers, failures, loads } = setUp()
    await read()
    answers(() => Promise.reject(new Error('away')))
    for (let second = 0; second < 3; second += 1) {
      pass(1_000)
      expect(await read()).toEqual({ value: 1, loadedAt: new Date(0), isLate: true })
    }
    expect([failures.length, loads()]).toEqual([1, 4])
    answers(() => Promise.resolve(7))
    pass(1_000)
    expect(await read()).toEqual({ value: 7, loadedAt: new Date(4_000), isLate: false })
  })

  it('does not let readers wait for a load that hangs, and starts no second one', async () => {
    const { read, pass, answers, loads } = setUp({ waitMs: 1 })
    answers(() => sleep(60_000, 1, { ref: false }))
    expect(await read()).toEqual({ value: null, loadedAt: null, isLate: true })
    pass(5_000)
    expect((await read()).isLate).toBe(true)
    expect(loads()).toBe(1)
  })
})
