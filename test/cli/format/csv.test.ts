import { describe, expect, it } from 'vitest'
import { csv } from '../../../src/cli/format/csv.ts'

const cellOf = (value: unknown): string => csv([], [[value]]).trim()

describe('X1: a cell of CSV', () => {
  it.each([
    ['=1+1'],
    ['+1'],
    ['-1'],
    ['@SUM(A1)'],
    ['\t=1'],
    ['  =1'],
    ['\u00A0=1'],
    ['\uFF1D1'],
    ['\uFF0B1'],
    ['\uFF0D1'],
    ['\uFF20a'],
  ])('that a spreadsheet would take for a formula is text: %j', (value) => {
    expect(cellOf(value)).toBe(`"'${value}"`)
  })

  it.each([
    ['a\n=1', `"a\n'=1"`],
    ['a\r=1', `"a\r'=1"`],
    ['a\r\n@x', `"a\r\n'@x"`],
    ['\r=1', `"'\r'=1"`],
    ['\n=1', `"'\n'=1"`],
  ])('is text in every line of it: %j', (value, cell) => {
    expect(cellOf(value)).toBe(cell)
  })

  it('is quoted, so that no separator of any country begins another', () => {
    expect(cellOf('auth0|x;=1+1')).toBe('"auth0|x;=1+1"')
    expect(cellOf('a "quoted" word')).toBe('"a ""quoted"" word"')
    expect(csv(['a', 'b'], [[null, -5]])).toBe('"a","b"\r\n"","-5"')
  })
})
