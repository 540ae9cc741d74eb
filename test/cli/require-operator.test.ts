import { describe, expect, it } from 'vitest'
import { hashOf } from '../../src/config/operators.ts'
import { holdfast } from '../support/command.ts'

const HOLDFAST_OPERATORS = `ana:viewer:${hashOf('token-of-ana').toString('hex')}`
const required = { HOLDFAST_REQUIRE_OPERATOR: '1', HOLDFAST_OPERATORS }

describe('HOLDFAST_REQUIRE_OPERATOR', () => {
  it.each([
    ['reads', ['list', 'atproto']],
    ['changes', ['retry', 'atproto', 'auth0|1']],
    ['concerns every system', ['keys', 'rotate']],
  ])('refuses a command that %s, before it connects', async (_, args) => {
    const { code, stderr } = await holdfast(required, ...args)
    expect(code).toBe(2)
    expect(stderr).toContain('no operator is identified')
    expect(stderr).toContain('holdfast operators new')
  })

  it('lets one through that a token identifies, to the end of its role', async () => {
    const { stderr } = await holdfast(
      { ...required, HOLDFAST_OPERATOR_TOKEN: 'token-of-ana' },
      'list',
      'atproto',
    )
    expect(stderr).toContain('HOLDFAST_KEY is missing')
  })

  it('lets anybody create a token, which stores nothing', async () => {
    expect((await holdfast(required, 'operators', 'new', 'ben', '--role', 'viewer')).code).toBe(0)
  })

  it('is 1 or unset', async () => {
    const { stderr } = await holdfast({ HOLDFAST_REQUIRE_OPERATOR: 'yes' }, 'list', 'atproto')
    expect(stderr).toContain('HOLDFAST_REQUIRE_OPERATOR must be 1, or unset')
  })
})
