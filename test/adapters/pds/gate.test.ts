import { describe, expect, it } from 'vitest'
import { createPdsGate, limitReset } from '../../../src/adapters/pds/gate.ts'

const NOW = Date.parse('2026-11-21T12:00:00Z')
const RESET = NOW / 1_000 + 90
const CREATE = 'com.atproto.server.createAccount'

const answer = (status: number, headers: Record<string, string>) => new Response(null, { status, headers })

function gateAt() {
  let now = NOW
  return { gate: createPdsGate(() => now), pass: (seconds: number) => void (now += seconds * 1_000) }
}

describe('P6: a limit that one call has met', () => {
  it('is told to the others without a call, with its own reset, until then', () => {
    const { gate, pass } = gateAt()
    gate.check(CREATE)
    gate.note(CREATE, answer(429, { 'ratelimit-reset': String(RESET) }))
    expect(() => gate.check(CREATE)).toThrow(
      expect.objectContaining({ problem: 'pds-rate-limited', retryAt: new Date(RESET * 1_000) }),
    )
    pass(89)
    expect(() => gate.check(CREATE)).toThrow()
    pass(1)
    gate.check(CREATE)
  })

  it('is known from the last answer that was let through', () => {
    const { gate } = gateAt()
    gate.note(CREATE, answer(200, { 'ratelimit-remaining': '1', 'ratelimit-reset': String(RESET) }))
    gate.check(CREATE)
    gate.note(CREATE, answer(200, { 'ratelimit-remaining': '0', 'ratelimit-reset': String(RESET) }))
    expect(() => gate.check(CREATE)).toThrow()
  })

  it('is that of its method, and of nobody else where it counts by person', () => {
    const { gate } = gateAt()
    const used = answer(429, { 'ratelimit-reset': String(RESET) })
    gate.note(CREATE, used)
    gate.note('com.atproto.server.createSession', used)
    gate.check('com.atproto.server.createSession')
    gate.check('com.atproto.admin.getAccountInfo')
  })
})

describe('the reset of a limit', () => {
  it.each([
    ['the moment the PDS names', { 'ratelimit-reset': String(RESET), 'retry-after': '5' }, 90],
    ['the delay a proxy asks for', { 'retry-after': '5' }, 5],
    ['the date a proxy names', { 'retry-after': 'Sat, 21 Nov 2026 12:00:30 GMT' }, 30],
    ['in a minute where nobody says', {}, 60],
    ['the moment in milliseconds', { 'ratelimit-reset': String(RESET * 1_000) }, 90],
    ['the delay of the IETF draft', { 'ratelimit-reset': '60' }, 60],
    ['in an hour where it is unreadable', { 'ratelimit-reset': 'soon' }, 3_600],
    ['in an hour where it is a day away', { 'ratelimit-reset': String(RESET + 86_400) }, 3_600],
  ])('is %s', (_, headers, seconds) => {
    expect(limitReset(new Headers(headers), NOW)).toEqual(new Date(NOW + seconds * 1_000))
  })
})
