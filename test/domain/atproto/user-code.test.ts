import { randomInt } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { generateUserCode, isUserCode } from '../../../src/domain/atproto/user-code.ts'

const CONSONANT = '[bcdfghjkmnprstvwxyz]'
const VOWEL = '[aeou]'
const first = (): number => 0
const june = new Date('2025-06-01T00:00:00Z')

describe('a user code', () => {
  it.each(['ac25xadeh', 'ac25nocoj', 'ac25muvey'])('%s, as the application has given it, is one', (code) => {
    expect(isUserCode(code)).toBe(true)
  })

  it.each([
    'ac25xade',
    'ac25xadehe',
    'ac5xadeh',
    'AC25XADEH',
    'ac25xidih',
    'ac25qadeh',
    'ac25axede',
    ' ac25xadeh',
    'ac25xadeh\n',
    '',
    null,
    undefined,
    25,
  ])('%j is not one', (code) => {
    expect(isUserCode(code)).toBe(false)
  })

  it.each([
    ['2025-12-31T23:59:59.999Z', 'ac25'],
    ['2026-01-01T00:00:00.000Z', 'ac26'],
    ['2026-01-01T01:30:00.000+02:00', 'ac25'],
    ['2009-05-05T00:00:00Z', 'ac09'],
    ['2100-01-01T00:00:00Z', 'ac00'],
  ])('of a signup at %s begins with %s: the year is the one of UTC', (at, start) => {
    expect(generateUserCode(new Date(at), 0, first).slice(0, 4)).toBe(start)
  })

  it('is five letters, consonants and vowels in turn, at whatever the generator chooses', () => {
    const form = new RegExp(`^ac\\d\\d${CONSONANT}${VOWEL}${CONSONANT}${VOWEL}${CONSONANT}$`)
    const at = fc.date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
    const choices = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
      minLength: 5,
      maxLength: 5,
    })
    fc.assert(
      fc.property(at, choices, (when, fractions) => {
        const rest = [...fractions]
        const code = generateUserCode(when, 0, (max) => Math.floor((rest.shift() ?? 0) * max))
        expect(code).toMatch(form)
        expect(isUserCode(code)).toBe(true)
      }),
    )
  })

  it('can be any of the 109,744 of its year', () => {
    const asked: number[] = []
    generateUserCode(june, 0, (max) => (asked.push(max), 0))
    expect(asked.reduce((product, max) => product * max)).toBe(109_744)
  })

  it('grows by a vowel and a consonant as the year fills up, and is still one', () => {
    const lengths = Array.from({ length: 36 }, (_, taken) => generateUserCode(june, taken, randomInt))
    expect(lengths.every((code) => isUserCode(code))).toBe(true)
    const letters = lengths.map((code) => code.length - 4)
    expect(letters).toEqual([...letters].toSorted((a, b) => a - b))
    expect(new Set(letters)).toEqual(new Set([5, 7, 9]))
  })

  it('is drawn as the generator says, not by the time or by any order', () => {
    expect(generateUserCode(june, 0, first)).toBe('ac25babab')
    expect(generateUserCode(june, 0, (max) => max - 1)).toBe('ac25zuzuz')
  })
})
