import { describe, expect, it } from 'vitest'
import { createRedactor } from '../../src/checks/redact.ts'

const workers = ['4711@vm', '12@host.example.com']
const clean = createRedactor({ PDS_ADMIN_PASSWORD: 'of the tests' }, workers)

describe('T8: what diagnose prints', () => {
  it.each([
    'The worker 4711@vm neither reports nor takes work',
    'A different value is set in the worker 4711@vm (PDS_ADMIN_PASSWORD).',
    'Correct the settings of 4711@vm (A), 12@host.example.com (B) and restart it',
    'End 12@host.example.com.',
    '4711@vm',
  ])('names our own workers: %s', (text) => expect(clean({ text })).toEqual({ text }))

  it.each(['x4711@vm', '4711@vm.example.com', '4712@vm', 'a 4711@vm@example.com', 'samlp|acme|4711@vm'])(
    'and nothing that only resembles one: %s',
    (text) => expect(clean([text])[0]).toContain('[e-mail]'),
  )

  it('holds no secret and no address beside the name of a worker', () => {
    expect(clean('4711@vm: jane@example.com, of the tests')).toBe('4711@vm: [e-mail], [redacted]')
  })
})
