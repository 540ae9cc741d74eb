import { randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createKeyring, isSealed, type SealingKey } from '../../src/crypto/keyring.ts'
import { OutsideError } from '../../src/domain/outside-error.ts'

const key = (id: string): SealingKey => ({ id, bytes: randomBytes(32) })
const [old, fresh, other] = [key('old'), key('fresh'), key('fresh')]
const place = { collection: 'users', person: 'auth0|1', field: 'atproto.password' }
const ring = createKeyring([fresh, old])

/** The error that the attempt throws; it has to be the named problem and to reveal nothing. */
function refusal(open: () => string): OutsideError {
  try {
    open()
  } catch (error) {
    if (error instanceof OutsideError) return error
    throw error
  }
  throw new Error('it opened')
}

describe('the keyring', () => {
  it('opens what it sealed, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (plain) => {
        expect(ring.open(ring.seal(plain, place), place)).toBe(plain)
      }),
    )
  })

  it('writes hf1.<keyId>.<nonce>.<data> with the first key, never twice the same', () => {
    const [one, two] = [ring.seal('secret', place), ring.seal('secret', place)]
    expect(one).toMatch(/^hf1\.fresh\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]+$/)
    expect(one).not.toBe(two)
    expect(one.includes('secret')).toBe(false)
    expect(isSealed(one)).toBe(true)
    expect(isSealed('a plain password')).toBe(false)
  })

  it('opens what an older key sealed, after another has taken over', () => {
    const sealed = createKeyring([old]).seal('from before', place)
    expect(ring.open(sealed, place)).toBe('from before')
  })

  it.each([
    ['another person', { ...place, person: 'auth0|2' }],
    ['another field', { ...place, field: 'password' }],
    ['another collection', { ...place, collection: 'holdfast_intents' }],
    [
      'a place whose parts only read the same together',
      { ...place, collection: 'users","auth0|1', person: '' },
    ],
  ])('does not open a value that was moved to %s', (_, moved) => {
    expect(refusal(() => ring.open(ring.seal('secret', place), moved)).problem).toBe('seal-broken')
  })

  it('does not open a value of which one bit was altered, wherever', () => {
    const [form, id, nonce = '', data = ''] = ring.seal('secret', place).split('.')
    const flips = (text: string): string[] =>
      Array.from(Buffer.from(text, 'base64url'), (_, index) => {
        const bytes = Buffer.from(text, 'base64url')
        bytes.writeUInt8(bytes.readUInt8(index) ^ 1, index)
        return bytes.toString('base64url')
      })
    const altered = [
      ...flips(nonce).map((flipped) => [form, id, flipped, data]),
      ...flips(data).map((flipped) => [form, id, nonce, flipped]),
    ]
    expect(altered).toHaveLength(12 + 'secret'.length + 16)
    for (const parts of altered) {
      expect(refusal(() => ring.open(parts.join('.'), place)).problem).toBe('seal-broken')
    }
  })

  it('does not take a shortened proof for a proof', () => {
    const [form, id, nonce = '', data = ''] = ring.seal('', place).split('.')
    const bytes = Buffer.from(data, 'base64url')
    for (const length of [0, 4, 8, 12, 15]) {
      const short = [form, id, nonce, bytes.subarray(0, length).toString('base64url')].join('.')
      expect(refusal(() => ring.open(short, place)).problem).toBe('seal-broken')
    }
  })

  it('says which key is missing, and which does not fit', () => {
    const unknown = refusal(() => createKeyring([old]).open(ring.seal('secret', place), place))
    expect(unknown.problem).toBe('seal-broken')
    expect(unknown.detail['reason']).toBe('key fresh is not in HOLDFAST_KEY')
    const sameName = refusal(() => createKeyring([other]).open(ring.seal('secret', place), place))
    expect(sameName.problem).toBe('seal-broken')
    expect(sameName.message).not.toContain('secret')
  })

  it.each([
    '',
    'a plain password',
    'hf1',
    'hf1.fresh',
    'hf1.fresh.x',
    'hf1.fresh.a.b.c',
    'hf2.fresh.a.b',
    'hf1.fresh..',
  ])('does not open %j', (value) => {
    expect(refusal(() => ring.open(value, place)).problem).toBe('seal-broken')
  })
})
