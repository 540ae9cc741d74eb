import { describe, expect, it } from 'vitest'
import { aliasFor } from '../../src/domain/alias.ts'

describe('an alias', () => {
  it.each([
    ['jeffrey@example.com', 'jeffrey+sotce@example.com'],
    ['jeffrey+news@example.com', 'jeffrey+news+sotce@example.com'],
    ['"odd@name"@example.com', '"odd@name"+sotce@example.com'],
  ])('of %s names the tenant before the last @', (email, alias) => {
    expect(aliasFor(email, 'sotce')).toBe(alias)
  })
})
