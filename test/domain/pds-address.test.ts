import { expect, it } from 'vitest'
import { isAddressOf } from '../../src/domain/pds-address.ts'

it('an account has the address of its person, plain or marked with the tenant', () => {
  expect(isAddressOf('sotce', 'Jo@Example.com', 'jo@example.com')).toBe(true)
  expect(isAddressOf('sotce', 'jo@example.com', 'jo+sotce@example.com')).toBe(true)
  expect(isAddressOf('aesthetic', 'jo@example.com', 'jo+sotce@example.com')).toBe(false)
  expect(isAddressOf('sotce', 'jo@example.com', 'joe@example.com')).toBe(false)
  expect(isAddressOf('sotce', 'jo@example.com', null)).toBe(false)
})
