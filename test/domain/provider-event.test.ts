import { describe, expect, it } from 'vitest'
import { providerEventKind } from '../../src/domain/provider-event.ts'

describe("what a log code of the provider's asks of us", () => {
  it.each([
    ['ss', 'signed-up'],
    ['sv', 'email-verified'],
    ['sce', 'email-changed'],
  ])('%s means %s', (code, kind) => {
    expect(providerEventKind(code)).toBe(kind)
  })

  it.each(['fs', 'svr', 's', 'SS', '', 'gd_auth_succeed', 'constructor', '__proto__', 'toString'])(
    '%j asks for nothing',
    (code) => {
      expect(providerEventKind(code)).toBeNull()
    },
  )
})
