import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { idDefect } from '../../src/domain/identity.ts'
import { parseAuditInput } from '../../src/domain/run-input.ts'
import { foreignTenantDefect } from '../../src/intake/atproto/foreign-tenant.ts'
import { readLogEntry } from '../../src/intake/atproto/read-event.ts'

const CODES = ['ss', 'sv', 'sce', 'sdu', 's']

describe('E15: the one rule for ids', () => {
  it.each([
    'auth0|6123abc',
    'samlp|acme|Jane Doe',
    'samlp|acme|José 日本語 😀',
    String.raw`ad|corp|CORP\sam`,
    `ad|corp|"quoted" and 'quoted'`,
    'samlp|acme|jane@example.com',
    `samlp|acme|${'x'.repeat(300)}`,
    'oidc|.|..',
    '...',
    'samlp|acme|tab\tand newline\n',
  ])('takes %j, in events and commands alike', (id) => {
    expect(idDefect(id)).toBeNull()
    for (const type of CODES)
      expect(readLogEntry({ type, user_id: id })).toMatchObject({ is: 'event', userId: id })
    expect(parseAuditInput({ id }, 'atproto', new Date())).toMatchObject({ ok: true })
  })

  it.each([
    ['.', 'which no provider issues'],
    ['..', 'which no provider issues'],
    ['--stuck-waiting', 'would take for an option'],
    ['samlp|nul\0', 'NUL'],
    ['samlp|half \ud83d', 'lone surrogate'],
    ['x'.repeat(1_025), 'longer than 1024'],
  ])('refuses %j with the reason', (id, reason) => {
    expect(idDefect(id)).toContain(reason)
    for (const type of CODES) {
      const read = readLogEntry({ type, user_id: id })
      expect(read).toMatchObject({ is: 'malformed', reason: expect.stringContaining(reason) as string })
    }
    expect(parseAuditInput({ id }, 'atproto', new Date())).toMatchObject({ ok: false })
  })

  it('takes whatever is well-formed text without NUL and without a hyphen before it, and nothing else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 3, maxLength: 300 }), (id) => {
        expect(idDefect(id) === null).toBe(!id.includes('\0') && !id.startsWith('-') && id.length <= 1_024)
      }),
    )
    for (const id of [undefined, null, 7, {}, [], '']) expect(idDefect(id)).not.toBeNull()
  })
})

describe("an id that is another tenant's with the prefix of the delivering one", () => {
  const plain = { name: 'aesthetic', idPrefix: '' }
  const sotce = { name: 'sotce', idPrefix: 'sotce-' }
  const tenants = [plain, sotce]

  it('is refused by name; every other id is taken', () => {
    expect(foreignTenantDefect('sotce-auth0|x', { tenant: plain, tenants })).toContain(
      'another tenant (sotce)',
    )
    expect(foreignTenantDefect('auth0|x', { tenant: plain, tenants })).toBeNull()
    expect(foreignTenantDefect('auth0|x', { tenant: sotce, tenants })).toBeNull()
    expect(foreignTenantDefect('sotce-auth0|x', { tenant: sotce, tenants })).toBeNull()
  })
})
