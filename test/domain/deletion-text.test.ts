import { expect, it } from 'vitest'
import { accountsLeftSentence } from '../../src/domain/deletion-text.ts'

it('accounts that stayed with another person are counted for all tenants, and the deleted people cannot be listed', () => {
  expect(accountsLeftSentence('atproto', 0)).toBeNull()
  for (const count of [1, 2]) {
    const sentence = accountsLeftSentence('atproto', count)
    expect(sentence).toContain('In all tenants')
    expect(sentence).toContain('cannot list them')
    expect(sentence).toContain('whose id you still know: holdfast why atproto')
  }
})
