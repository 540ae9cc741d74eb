import { describe, expect, it } from 'vitest'
import { nameSecret, sharedSecrets, strongSecret } from '../../src/config/secrets.ts'
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
  const secrets = ['AUTH0_ONE_LOG_TOKEN', 'AUTH0_TWO_LOG_TOKEN'].map((name) =>
    nameSecret(name, 'the same token of both'),
  )
  const [advice = ''] = sharedSecrets(secrets)
  expect(advice).toContain('openssl rand')
  expect(withoutPersonal(advice)).toBe(advice)
})
