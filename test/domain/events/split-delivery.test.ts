import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_DEPTH, MAX_ENTRY_BYTES, parseEntry } from '../../../src/domain/events/raw-entry.ts'
import {
  MAX_ENTRIES,
  splitArray,
  splitDelivery,
  TooManyEntriesError,
} from '../../../src/domain/events/split-delivery.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const valuesIn = (body: Uint8Array): unknown[] =>
  splitDelivery(body).map((entry) => {
    const found = parseEntry(entry)
    return 'value' in found ? found.value : { refused: found.refused }
  })
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)

const FORMATS: Record<string, (entries: readonly string[]) => string> = {
  array: (entries) => `[${entries.join(',')}]`,
  logs: (entries) => `{"logs":[${entries.join(' , ')}]}`,
  lines: (entries) => entries.join('\n'),
}

/** Objects, as log entries are; a single value of another type cannot be distinguished from a body of one line. */
const someEntry = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 6 }), { maxKeys: 5 })
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe.each(Object.entries(FORMATS))('E14: a delivery in the format %s', (_, format) => {
  it('is split into the entries that JSON.parse finds in it', () => {
    fc.assert(
      fc.property(fc.array(someEntry, { minLength: 2, maxLength: 8 }), (entries) => {
        const texts = entries.map((entry) => JSON.stringify(entry))
        expect(valuesIn(bytes(format(texts)))).toEqual(entries.map(asJson))
      }),
    )
  })

  it.each([
    ['is 65 levels deep', nested(65), `more than ${MAX_DEPTH} levels deep`],
    ['is 100,000 levels deep', `{"type":"ss","x":${nested(100_000)}}`, `more than ${MAX_DEPTH} levels deep`],
    [
      'has no log_id, no type and 5,000 levels',
      `{"details":${nested(5_000)}}`,
      `more than ${MAX_DEPTH} levels deep`,
    ],
    ['is over 256 KiB long', `{"type":"ss","x":"${'a'.repeat(MAX_ENTRY_BYTES)}"}`, 'longer than 256 KiB'],
    ['is not JSON', '{"type":"ss",}', 'not JSON'],
    ['mismatches its brackets', '{"type":["ss"}]', 'not JSON'],
    ['holds brackets in a string', '{"a":"]}[{\\\""}', null],
    ['is a number', '7', null],
  ])('parses the neighbours of an entry that %s', (__, bad, refused) => {
    const body = bytes(format(['{"log_id":"1"}', bad, '{"log_id":"2"}']))
    const values = valuesIn(body)
    expect([values[0], values[2]]).toEqual([{ log_id: '1' }, { log_id: '2' }])
    if (refused !== null) expect(values[1]).toEqual({ refused })
  })

  it('E14: parses the neighbours of an entry that is not UTF-8, and of one that holds U+FFFD itself', () => {
    const body = bytes(format(['{"a":"\uFFFD"}', '{"a":"?"}', '{"a":"ü"}']))
    body[body.indexOf(0x3f)] = 0xff
    expect(valuesIn(body)).toEqual([{ a: '\uFFFD' }, { refused: 'not UTF-8' }, { a: 'ü' }])
  })

  it('E14: is refused at the entry past the limit, and taken at the limit', () => {
    const entries = Array.from({ length: MAX_ENTRIES }, () => '{}')
    expect(splitDelivery(bytes(format(entries)))).toHaveLength(MAX_ENTRIES)
    expect(() => splitDelivery(bytes(format([...entries, '{}'])))).toThrow(TooManyEntriesError)
  })
})

describe('E14: any bytes at all', () => {
  it('are split into pieces of the body, or refused for their number', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (body) => {
        const entries = splitDelivery(body)
        expect(entries.reduce((sum, entry) => sum + entry.bytes.length, 0)).toBeLessThanOrEqual(body.length)
        for (const entry of entries) parseEntry(entry)
      }),
      { numRuns: 2_000 },
    )
  })

  it('made of what JSON is made of, are read as JSON.parse reads them wherever it does', () => {
    const piece = fc.constantFrom(
      '[',
      ']',
      '{',
      '}',
      '"',
      '\\',
      ',',
      ':',
      '\n',
      ' ',
      '1',
      '"a"',
      '"logs"',
      '"logs":[',
      '{"a":1}',
      'é',
      '\r\n',
      'null',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('')
        const whole = parsed(text)
        if (whole === undefined) return
        expect(valuesIn(bytes(text))).toEqual(entriesOf(whole))
      }),
      { numRuns: 20_000 },
    )
  })

  it.each([
    // Cases that fuzzing found, or nearly found.
    ['a comma with nothing around it', '[,]', [{ refused: 'not JSON' }, { refused: 'not JSON' }]],
    ['a comma at the end', '[{},]', [{}, { refused: 'not JSON' }]],
    ['a brace that closes a list', '[{"a":1}}', [{ refused: 'not JSON' }]],
    ['an array behind an array', '[1][2]', [{ refused: 'not JSON' }]],
    ['an array a line', '[1]\n[2]', [[1], [2]]],
    ['logs twice, where the last one counts', '{"logs":[1],"logs":[2]}', [2]],
    ['logs that are no list', '{"logs":{"a":1}}', [{ logs: { a: 1 } }]],
    ['logs deeper in', '{"data":{"logs":[1]}}', [{ data: { logs: [1] } }]],
    ['logs behind other members', ' {"a":"],}","b":[{}],"logs":[1,2]} ', [1, 2]],
    ['logs as a value', '{"a":"logs"}', [{ a: 'logs' }]],
    ['an escaped quote at the end of a string', '[{"a":"\\\\"},{"b":"\\""}]', [{ a: '\\' }, { b: '"' }]],
    ['a string that never ends', '["a', [{ refused: 'not JSON' }]],
    ['an escape at the very end', '["a\\', [{ refused: 'not JSON' }]],
    ['a byte order mark', '\uFEFF[1]', [1]],
    ['nothing', '', []],
  ])('such as %s', (_, text, values) => {
    expect(valuesIn(bytes(text))).toEqual(values)
  })

  it('8 MiB of opened brackets are one entry that is not closed', () => {
    const [entry, ...more] = splitDelivery(bytes('['.repeat(8 * 1024 * 1024)))
    expect([entry?.closed, more]).toEqual([false, []])
  })
})

it("a page of Auth0's log is an array; every other answer is none", () => {
  expect(splitArray(bytes('[{},{}]'))).toHaveLength(2)
  for (const text of ['{"logs":[]}', '', 'null', '[1', '[] []', '<html>'])
    expect(splitArray(bytes(text))).toBeNull()
})

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // the other properties cover such texts
  }
}

function entriesOf(whole: unknown): unknown[] {
  if (Array.isArray(whole)) return whole
  if (typeof whole === 'object' && whole !== null && 'logs' in whole && Array.isArray(whole.logs))
    return whole.logs
  return [whole]
}
