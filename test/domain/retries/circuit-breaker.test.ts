import { describe, expect, it, vi } from 'vitest'
import { createCircuitBreaker, type CallOutcome } from '../../../src/domain/retries/circuit-breaker.ts'

class Away extends Error {}
class Refused extends Error {}
class Rejected extends Error {
  readonly retryAt: Date
  constructor(retryAt: Date) {
    super('not called')
    this.retryAt = retryAt
  }
}

function breakerAt(slowMs = 60_000) {
  let now = 0
  const breaker = createCircuitBreaker({
    outcomeOf: (error): CallOutcome =>
      error instanceof Away ? 'no-answer' : error instanceof Refused ? 'answer' : 'unknown',
    rejection: (retryAt) => new Rejected(retryAt),
    slowMs,
    now: () => now,
  })
  return { breaker, pass: (ms: number) => void (now += ms) }
}

const away = (): Promise<never> => Promise.reject(new Away())
const refuse = (): Promise<never> => Promise.reject(new Refused())
const well = () => Promise.resolve('well')
/** A call that ends when the test ends it. */
function pending() {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  return { call: () => promise, resolve, reject }
}

describe('T9: a dependency that did not answer a call', () => {
  it('rejects the calls after it at once, uncalled, and says when to come again', async () => {
    const { breaker, pass } = breakerAt()
    expect(await breaker.run(well)).toBe('well')
    await expect(breaker.run(away)).rejects.toThrow(Away)
    const call = vi.fn(well)
    await expect(breaker.run(call)).rejects.toMatchObject({ retryAt: new Date(1_000) })
    pass(999)
    await expect(breaker.run(call)).rejects.toThrow(Rejected)
    expect(call).not.toHaveBeenCalled()
  })

  it('is tried by one call at a time after the pause, and the success of that one lets all others through', async () => {
    const { breaker, pass } = breakerAt()
    await expect(breaker.run(away)).rejects.toThrow(Away)
    pass(1_000)
    const first = pending()
    const trying = breaker.run(first.call)
    await expect(breaker.run(well)).rejects.toThrow(Rejected)
    first.resolve('back')
    expect(await trying).toBe('back')
    expect(await Promise.all([breaker.run(well), breaker.run(well)])).toEqual(['well', 'well'])
  })

  it('is left alone for twice as long after each try that fails, at most ten seconds', async () => {
    const { breaker, pass } = breakerAt()
    await expect(breaker.run(away)).rejects.toThrow(Away)
    for (const pause of [1_000, 2_000, 4_000, 8_000, 10_000, 10_000]) {
      pass(pause - 1)
      await expect(breaker.run(away)).rejects.toThrow(Rejected)
      pass(1)
      await expect(breaker.run(away)).rejects.toThrow(Away)
    }
  })

  it('with many calls under way counts as one failure', async () => {
    const { breaker, pass } = breakerAt()
    const calls = Array.from({ length: 10 }, pending)
    const running = calls.map(({ call }) => breaker.run(call))
    for (const { reject } of calls) reject(new Away())
    await Promise.allSettled(running)
    pass(1_000)
    expect(await breaker.run(well)).toBe('well')
  })

  it('is tried by a health probe at any time, which opens and closes as a call does', async () => {
    const { breaker } = breakerAt()
    await expect(breaker.runAlways(away)).rejects.toThrow(Away)
    await expect(breaker.run(well)).rejects.toThrow(Rejected)
    expect(await breaker.runAlways(well)).toBe('well')
    expect(await breaker.run(well)).toBe('well')
  })
})

describe('a call that yields', () => {
  it('leaves it to others to try for a minute after the last failure', async () => {
    const { breaker, pass } = breakerAt()
    expect(await breaker.run(well, { skipsTrial: true })).toBe('well')
    await expect(breaker.run(away)).rejects.toThrow(Away)
    pass(59_999)
    await expect(breaker.run(well, { skipsTrial: true })).rejects.toThrow(Rejected)
    pass(1)
    expect(await breaker.run(well, { skipsTrial: true })).toBe('well')
    expect(await breaker.run(well)).toBe('well')
  })
})

describe('what an answer says', () => {
  it('a refusal opens nothing, and closes what was open', async () => {
    const { breaker, pass } = breakerAt()
    await expect(breaker.run(refuse)).rejects.toThrow(Refused)
    await expect(breaker.run(away)).rejects.toThrow(Away)
    pass(1_000)
    await expect(breaker.run(refuse)).rejects.toThrow(Refused)
    expect(await breaker.run(well)).toBe('well')
  })

  it('an error of our own says nothing: the next call tries', async () => {
    const { breaker, pass } = breakerAt()
    await expect(breaker.run(away)).rejects.toThrow(Away)
    pass(1_000)
    await expect(breaker.run(() => Promise.reject(new TypeError('ours')))).rejects.toThrow(TypeError)
    await expect(breaker.run(away)).rejects.toThrow(Away)
  })

  it('a call that may be long says nothing by being slow', async () => {
    vi.useFakeTimers()
    try {
      const { breaker } = breakerAt(9_000)
      const slow = pending()
      const running = breaker.run(slow.call, { long: true })
      await vi.advanceTimersByTimeAsync(60_000)
      expect(await breaker.run(well)).toBe('well')
      slow.resolve('late')
      expect(await running).toBe('late')
    } finally {
      vi.useRealTimers()
    }
  })

  it('a call without an end counts as one without an answer, and still ends with its own', async () => {
    vi.useFakeTimers()
    try {
      const { breaker, pass } = breakerAt(9_000)
      const hanging = pending()
      const running = breaker.run(hanging.call)
      await vi.advanceTimersByTimeAsync(9_000)
      await expect(breaker.run(well)).rejects.toThrow(Rejected)
      pass(1_000)
      const next = pending()
      const trying = breaker.run(next.call)
      await vi.advanceTimersByTimeAsync(9_000)
      pass(2_000)
      expect(await breaker.run(well)).toBe('well')
      hanging.resolve('late')
      next.resolve('late')
      expect(await Promise.all([running, trying])).toEqual(['late', 'late'])
    } finally {
      vi.useRealTimers()
    }
  })
})
