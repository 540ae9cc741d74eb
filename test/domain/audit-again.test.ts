import { expect, it } from 'vitest'
import { mayAuditAgain } from '../../src/domain/audit-again.ts'

it('3.1: an audit that nobody asked for waits half an hour after the newest one', () => {
  const at = '2026-01-02T04:00:00.000Z'
  expect(mayAuditAgain(at, Date.parse('2026-01-02T04:29:59.000Z'))).toBe(false)
  expect(mayAuditAgain(at, Date.parse('2026-01-02T04:30:00.000Z'))).toBe(true)
})
