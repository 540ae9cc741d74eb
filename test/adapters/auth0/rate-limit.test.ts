import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { auth0Refusal } from '../../../src/adapters/auth0/client.ts'

const NOW = Date.parse('2026-11-21T12:00:00Z')
const RESET = NOW / 1_000 + 90

beforeEach(() => void vi.useFakeTimers({ now: NOW }))
afterEach(() => void vi.useRealTimers())

describe('E12: when Auth0 may be asked again after a 429', () => {
  it.each<[string, Record<string, string>, number]>([
    ['the moment it names', { 'x-ratelimit-reset': String(RESET), 'retry-after': '5' }, 90],
    ['the same in milliseconds', { 'x-ratelimit-reset': String(RESET * 1_000) }, 90],
    ['the delay a proxy gives', { 'x-ratelimit-reset': '60' }, 60],
    ['the delay it gives in another header', { 'retry-after': '5' }, 5],
    ['in a minute where it says nothing', {}, 60],
    ['in an hour where that is unreadable', { 'x-ratelimit-reset': 'soon' }, 3_600],
    ['in an hour where it is later', { 'x-ratelimit-reset': String(RESET + 86_400) }, 3_600],
  ])('%s', (_, headers, seconds) => {
    const { problem, retryAt } = auth0Refusal(429, new Headers(headers))
    expect({ problem, retryAt }).toEqual({
      problem: 'auth0-rate-limited',
      retryAt: new Date(NOW + seconds * 1_000),
    })
  })
})
