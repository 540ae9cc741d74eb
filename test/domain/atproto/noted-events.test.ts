import { describe, expect, it } from 'vitest'
import { isNoted, notedEventsText } from '../../../src/domain/atproto/noted-events.ts'
import { readLogEntry } from '../../../src/intake/atproto/read-event.ts'

const api = (method: string, path: string) => ({ code: 'sapi', call: { method, path }, mail: null })

describe('D10: events that start nothing and call for action', () => {
  it.each(['fs', 'fv', 'fvr', 'fn', 'fce', 'fdu', 'fui', 'sscim'])('%s is counted', (code) => {
    expect(isNoted({ code, call: null, mail: null })).toBe(true)
  })

  it.each(['scu', 'scp', 'ublkdu', 'gd_send_sms', 'slo', 'f'])('%s is not', (code) => {
    expect(isNoted({ code, call: null, mail: null })).toBe(false)
  })

  it('a notification that failed counts where it was, or may have been, a verification mail', () => {
    expect(isNoted({ code: 'fn', call: null, mail: 'verify_email' })).toBe(true)
    expect(isNoted({ code: 'fn', call: null, mail: 'blocked_account' })).toBe(false)
  })

  it.each([
    [api('DELETE', '/api/v2/users'), true],
    [api('delete', '/api/v2/connections/con_1'), true],
    [api('delete', '/api/v2/connections/con_1/users'), true],
    [api('POST', '/api/v2/users/auth0%7C1/identities'), true],
    [api('DELETE', '/api/v2/users/auth0%7C1'), false],
    [api('GET', '/api/v2/users'), false],
  ])('%o: %s', (read, expected) => {
    expect(isNoted(read)).toBe(expected)
  })

  it('names the person of a failed mail, and nobody else', () => {
    const entry = { type: 'fvr', user_id: 'auth0|1', date: '2026-11-29T10:00:00Z', log_id: 'l1' }
    expect(readLogEntry(entry)).toMatchObject({ is: 'ignored', noted: true, mailOf: 'auth0|1', logId: 'l1' })
    expect(readLogEntry({ ...entry, type: 'fdu' })).toMatchObject({ noted: true, mailOf: null })
    expect(readLogEntry({ ...entry, type: 'slo' })).toMatchObject({ noted: false, mailOf: null })
  })

  it('are summed up in words', () => {
    const counts = [
      { code: 'fv', count: 1 },
      { code: 'fdu', count: 5 },
      { code: 'fv', count: 2 },
    ]
    expect(notedEventsText(counts)).toBe('5 fdu (deletion of a user failed), 3 fv (verification link failed)')
  })
})
