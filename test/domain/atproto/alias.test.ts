import { describe, expect, it } from 'vitest'
import { aliasFor, isAddressOf } from '../../../src/domain/atproto/alias.ts'

describe('an alias', () => {
  it.each([
    ['jeffrey@example.com', 'jeffrey+sotce@example.com'],
    ['jeffrey+news@example.com', 'jeffrey+news+sotce@example.com'],
    ['"odd@name"@example.com', '"odd@name"+sotce@example.com'],
  ])('of %s names the tenant before the last @', (email, alias) => {
    expect(aliasFor(email, 'sotce')).toBe(alias)
  })
})

it('an account has the address of its person, plain or as the alias of its tenant', () => {
  expect(isAddressOf('sotce', 'Jo@Example.com', 'jo@example.com')).toBe(true)
  expect(isAddressOf('sotce', 'jo@example.com', 'jo+sotce@example.com')).toBe(true)
  expect(isAddressOf('aesthetic', 'jo@example.com', 'jo+sotce@example.com')).toBe(false)
  expect(isAddressOf('sotce', 'jo@example.com', 'joe@example.com')).toBe(false)
  expect(isAddressOf('sotce', 'jo@example.com', null)).toBe(false)
})
