import { describe, expect, it } from 'vitest'
import { handleLabel, handleUnder } from '../../../src/domain/atproto/handle.ts'

describe('P1 P2: a chosen handle on the PDS', () => {
  it.each([
    ['csx', 'csx'],
    ['ZhuXin', 'zhuxin'],
    ['@jeffrey', 'jeffrey'],
    ['  spaced  ', 'spaced'],
    ['a.b', 'a-b'],
    ['a_b', 'a-b'],
    ['a-b', 'a-b'],
    ['a.b_c-d', 'a-b-c-d'],
    ['123456', '123456'],
    ['abcdefghijklmnopqr', 'abcdefghijklmnopqr'],
  ])('%j becomes %s', (chosen, label) => {
    expect(handleLabel(chosen)).toBe(label)
  })

  it.each([
    ['too short', '43'],
    ['too short', 'a'],
    ['empty', ''],
    ['empty', '@'],
    ['too long by one', 'abcdefghijklmnopqrs'],
    ['with a hyphen before', '-abc'],
    ['with a hyphen behind', 'abc-'],
    ['with a hyphen made of an underscore', '_abc'],
    ['with a hyphen made of a dot', 'abc.'],
    ['with a space', 'a bc'],
    ['not ASCII', 'zoë'],
    ['an e-mail', 'me@example.com'],
    ['with a line end', 'abc\ndef'],
    ['in the form of a user code', 'ac26fobev'],
    ['in the form of a longer user code', '@AC26fobevag'],
    ['in the form of a user code with a suffix', 'ac26fobev-2'],
    ['in the form of a user code with a suffix', 'ac26fobev_4'],
  ])('none is made of one that is %s: %j', (_, chosen) => {
    expect(handleLabel(chosen)).toBeNull()
  })

  it('is put under the domain, said with its dot or without', () => {
    expect(handleUnder('csx', '.at.example.test')).toBe('csx.at.example.test')
    expect(handleUnder('csx', 'at.example.test')).toBe('csx.at.example.test')
  })
})
