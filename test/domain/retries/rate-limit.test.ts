import { describe, expect, it } from 'vitest'
import { rateLimitResetAt } from '../../../src/domain/retries/rate-limit.ts'

const NOW = Date.parse('2026-11-21T12:00:00Z')
const EPOCH = NOW / 1_000

describe('E12, P6: when a rate limit is over', () => {
  it.each<[string, (string | null)[], number]>([
    ['a time in seconds', [String(EPOCH + 90)], 90],
    ['a time in milliseconds', [String(NOW + 90_000)], 90],
    ['a delay in seconds', ['60'], 60],
    ['a delay of part of a second', ['0.5'], 0.5],
    ['an HTTP date', ['Sat, 21 Nov 2026 12:00:30 GMT'], 30],
    ['the first header that says it', [String(EPOCH + 90), '5'], 90],
    ['the second one, where the first is unreadable', ['soon', '5'], 5],
    ['the second one, where the first is missing', [null, '5'], 5],
    ['a minute, where nothing is said', [null, ''], 60],
    ['an hour, where all of it is unreadable', ['soon', '-1'], 3_600],
    ['an hour, where it is later than that', [String(EPOCH + 86_400)], 3_600],
    ['an hour, for a delay of a day', ['86400'], 3_600],
    ['an hour, for a number of no unit there is', ['1e40'], 3_600],
    ['an hour, for a number larger than any time', ['9'.repeat(40)], 3_600],
    ['five seconds, where it has passed', [String(EPOCH - 30)], 5],
    ['five seconds, for a delay of none', ['0'], 5],
  ])('%s', (_, said, seconds) => {
    expect(rateLimitResetAt(said, NOW)).toEqual(new Date(NOW + seconds * 1_000))
  })
})
