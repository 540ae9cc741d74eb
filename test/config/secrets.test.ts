import { describe, expect, it } from 'vitest'
import { sharedSecrets, strongSecret } from '../../src/config/secrets.ts'
import { withoutPersonal } from '../../src/contracts/personal.ts'

describe('a secret of ours', () => {
  it.each(['passwordpassword', 'abcdefabcdefabcdef'])('is not a shorter text repeated: %s', (secret) => {
    expect(strongSecret.safeParse(secret).error?.issues[0]?.message).toContain('repetition')
  })

  it('is accepted where only its end repeats its beginning', () => {
    expect(strongSecret.safeParse('correct-horse-battery-correct').success).toBe(true)
  })
})

it('the advice on a secret that two variables share is whole in a log', () => {
  const tenants = ['one', 'two'].map((name) => ({ name, logTokens: ['the same token of both'] }))
  const [advice = ''] = sharedSecrets({ tenants })
  expect(advice).toContain('openssl rand')
  expect(withoutPersonal(advice)).toBe(advice)
})
