import { describe, expect, it } from 'vitest'
import { ConfigError, loadConfig, type Env } from '../../src/config.ts'
import { hashOf, operatorOf } from '../../src/config/operators.ts'

const hash = (token: string): string => hashOf(token).toString('hex')
const TWO = `ana:admin:${hash('token-of-ana')},ben:viewer:${hash('token-of-ben')}`

const findings = (env: Env): readonly string[] => {
  try {
    loadConfig(['operator', 'caller'], env)
  } catch (error) {
    if (error instanceof ConfigError) return error.findings
    throw error
  }
  return []
}

describe('HOLDFAST_OPERATORS', () => {
  it('names each operator by their token', () => {
    const { operators } = loadConfig(['operator'], { HOLDFAST_OPERATORS: TWO }).operator
    expect(operatorOf(operators, 'token-of-ben')).toMatchObject({ name: 'ben', role: 'viewer' })
    expect(operatorOf(operators, 'token-of-nobody')).toBeNull()
  })

  it('left out, makes HOLDFAST_OPERATOR_TOKEN the token of one admin', () => {
    const token = 'Zr8n2vQ0k5Lw7Tj1mXc4bY9s'
    const { operators } = loadConfig(['operator'], { HOLDFAST_OPERATOR_TOKEN: token }).operator
    expect(operatorOf(operators, token)).toMatchObject({ name: 'operator', role: 'admin' })
  })

  it.each([
    ['a role there is none of', `ana:root:${hash('a')}`],
    ['a token instead of its hash', 'ana:admin:token-of-ana'],
    ['two of one name', `ana:admin:${hash('a')},ana:viewer:${hash('b')}`],
    ['two of one token', `ana:admin:${hash('a')},ben:viewer:${hash('a')}`],
    ['a name that a terminal would obey', `an\u001B[2Ja:admin:${hash('a')}`],
    ['nothing after the comma', `ana:admin:${hash('a')},`],
  ])('is not %s', (_, value) => {
    expect(findings({ HOLDFAST_OPERATORS: value })).toHaveLength(1)
    expect(findings({ HOLDFAST_OPERATORS: value })[0]).toMatch(/^HOLDFAST_OPERATORS must /)
  })

  it('names who gives a command by the token in its environment, and nobody without the list', () => {
    const caller = (env: Env) => loadConfig(['caller'], env).caller
    expect(caller({ HOLDFAST_OPERATORS: TWO, HOLDFAST_OPERATOR_TOKEN: 'token-of-ana' })).toEqual({
      name: 'ana',
      role: 'admin',
    })
    expect(caller({ HOLDFAST_OPERATORS: TWO })).toBeNull()
    expect(caller({ HOLDFAST_OPERATOR_TOKEN: 'token-of-ana' })).toBeNull()
    expect(findings({ HOLDFAST_OPERATORS: TWO, HOLDFAST_OPERATOR_TOKEN: 'token-of-eve' })).toEqual([
      'HOLDFAST_OPERATOR_TOKEN must be the token of an operator in HOLDFAST_OPERATORS, or unset',
    ])
  })
})
