import { describe, expect, it } from 'vitest'
import { createRetryRounds, type StepFailure } from '../../../src/domain/retries/retry-rounds.ts'

const NOW = Date.parse('2026-11-21T12:00:00Z')
const SECOND = 1_000
const HOUR = 3_600 * SECOND
const iso = (ms: number): string => new Date(ms).toISOString()

const failure = (given: Partial<StepFailure> = {}): StepFailure => ({
  problem: 'mongo-unreachable',
  detail: {},
  retryAt: null,
  retryable: true,
  notAsked: false,
  ...given,
})
/** Fails repeatedly, each time after the wait before; `rounds` counts as an outside view would. */
function play(given: StepFailure, times: number, rounds = createRetryRounds()) {
  let now = NOW
  let used = 0
  return Array.from({ length: times }, () => {
    // A call that was not made names a time soon after for the next one.
    const next = rounds.next(given.notAsked ? { ...given, retryAt: iso(now + SECOND) } : given, used, now, 0)
    now += next.waitMs
    if (next.usesRound) used += 1
    return next
  })
}

describe('a round of attempts', () => {
  it('is three quick ones; then the problem is published, since the first, and the wait grows', () => {
    const next = play(failure(), 7)
    expect(next.map(({ shownAs, waitMs }) => [shownAs, waitMs / SECOND])).toEqual([
      ['quick', 1],
      ['quick', 3],
      ['problem', 10],
      ['quick', 1],
      ['quick', 3],
      ['problem', 20],
      ['quick', 1],
    ])
    expect(next.every(({ since }) => since === iso(NOW))).toBe(true)
  })

  it('is one attempt where another would meet the same answer', () => {
    expect(play(failure({ retryable: false }), 1)).toMatchObject([{ shownAs: 'problem', usesRound: true }])
  })

  it('T9: is not used up by calls that were not made: they come back less and less often, shown after ten seconds', () => {
    const next = play(failure({ notAsked: true }), 6)
    expect(next.map(({ shownAs, waitMs }) => [shownAs, waitMs / SECOND])).toEqual([
      ['quiet', 10],
      ['problem', 20],
      ['problem', 40],
      ['problem', 80],
      ['problem', 160],
      ['problem', 320],
    ])
    expect(next.some(({ usesRound }) => usesRound)).toBe(false)
  })

  it('begins with the shortest wait again where somebody asked for the next attempt', () => {
    const rounds = createRetryRounds()
    play(failure({ notAsked: true }), 5, rounds)
    rounds.restart()
    expect(play(failure({ notAsked: true }), 1, rounds)).toMatchObject([{ waitMs: 10 * SECOND }])
  })

  it('goes on where it was after a call that was not made', () => {
    const rounds = createRetryRounds()
    const after = (given: StepFailure) => rounds.next(given, 0, NOW, 0).shownAs
    expect([failure(), failure({ notAsked: true }), failure(), failure()].map(after)).toEqual([
      'quick',
      'quiet',
      'quick',
      'problem',
    ])
  })
})

describe('E12: a rate limit', () => {
  const limited = (retryAt: string) => failure({ problem: 'auth0-rate-limited', retryable: false, retryAt })
  const after = (retryAt: string, now = NOW, rounds = createRetryRounds()) =>
    rounds.next(limited(retryAt), 0, now, 0)

  it('is a turn to wait for, said where it lasts longer than a minute, and no problem', () => {
    expect(after(iso(NOW + 4 * SECOND))).toMatchObject({
      shownAs: 'quiet',
      waitMs: 4 * SECOND,
      usesRound: false,
    })
    expect(after(iso(NOW + 90 * SECOND))).toMatchObject({
      shownAs: 'turn',
      waitMs: 90 * SECOND,
      usesRound: false,
    })
  })

  it.each([
    ['lies more than an hour away', iso(NOW + 5 * HOUR)],
    ['cannot be read', 'soon'],
  ])('whose reset %s is tried again after an hour', (_, retryAt) => {
    expect(after(retryAt)).toMatchObject({ shownAs: 'turn', waitMs: HOUR })
  })

  it('is the problem rate-limit-lasting after a day, and still tried again', () => {
    const rounds = createRetryRounds()
    for (let hour = 0; hour < 24; hour += 1) {
      const now = NOW + hour * HOUR
      expect(after(iso(now + HOUR), now, rounds).shownAs).toBe('turn')
    }
    const now = NOW + 24 * HOUR
    expect(after(iso(now + HOUR), now, rounds)).toMatchObject({
      shownAs: 'problem',
      problem: 'rate-limit-lasting',
      detail: { of: 'Auth0', since: iso(NOW) },
      since: iso(NOW),
      waitMs: HOUR,
    })
  })

  it('goes on to count in the run that continues as new, and begins anew after another answer', () => {
    const first = createRetryRounds()
    after(iso(NOW + HOUR), NOW, first)
    const continued = createRetryRounds(first.limitedSince())
    const now = NOW + 25 * HOUR
    expect(after(iso(now + HOUR), now, continued).problem).toBe('rate-limit-lasting')
    continued.next(failure(), 0, now, 0)
    expect(after(iso(now + HOUR), now, continued).shownAs).toBe('turn')
    expect(continued.limitedSince()).toBe(iso(now))
  })

  it('is told from the wait for a deletion, which is no limit', () => {
    const rounds = createRetryRounds()
    rounds.next(failure({ problem: 'deletion-under-way', retryAt: iso(NOW + HOUR) }), 0, NOW, 0)
    expect(rounds.limitedSince()).toBeNull()
  })
})
