import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allConditions, queryText, visibility } from '../../src/client/visibility.ts'

const SOURCE = fileURLToPath(new URL('../../src', import.meta.url))

/**
 * The value that Temporal's tokenizer reads from a literal (`scanString` of temporalio/sqlparser); null where the
 * literal does not end.
 */
const DECODED: Readonly<Record<string, string>> = {
  '0': '\0',
  b: '\b',
  n: '\n',
  r: '\r',
  t: '\t',
  Z: '\u001a',
}

function readLiteral(text: string): { value: string; rest: string } | null {
  if (!text.startsWith("'")) return null
  let value = ''
  for (let at = 1; at < text.length; at += 1) {
    const character = text.charAt(at)
    if (character === '\\') {
      at += 1
      if (at >= text.length) return null
      value += DECODED[text.charAt(at)] ?? text.charAt(at)
    } else if (character !== "'") {
      value += character
    } else if (text.charAt(at + 1) === "'") {
      at += 1
      value += "'"
    } else {
      return { value, rest: text.slice(at + 1) }
    }
  }
  return null
}

describe('X1: a visibility query', () => {
  it('reads back every value exactly, and nothing of a value as grammar', () => {
    const searchable = fc.string({ unit: 'binary' }).filter((id) => !id.includes('?'))
    const hostile = fc.string({
      unit: fc.constantFrom('\\', "'", '"', '#', '/', '*', ' ', 'O', 'n', '0', '%'),
    })
    fc.assert(
      fc.property(fc.oneof(searchable, hostile), (id) => {
        const text = queryText(visibility`WorkflowId = ${id} AND SignupProblem IS NULL`)
        const read = readLiteral(text.slice('WorkflowId = '.length))
        expect(read).toEqual({ value: id, rest: ' AND SignupProblem IS NULL' })
      }),
      { numRuns: 2_000 },
    )
  })

  it('takes no value with a question mark, which would fail on Postgres alone', () => {
    for (const value of ['a?b', ['fine', '?']])
      expect(() => visibility`WorkflowId IN (${value})`).toThrow(TypeError)
  })

  it('takes lists, dates and other queries', () => {
    const names = visibility`SignupProblem IN (${['a', "b'c"]})`
    const since = visibility`StartTime > ${new Date(0)}`
    expect(queryText(allConditions([names, since]))).toBe(
      "(SignupProblem IN ('a', 'b''c')) AND (StartTime > '1970-01-01T00:00:00.000Z')",
    )
    expect(queryText(visibility`(${names}) OR ${since}`)).toBe(
      "(SignupProblem IN ('a', 'b''c')) OR StartTime > '1970-01-01T00:00:00.000Z'",
    )
  })

  it('is asked through that one module only', async () => {
    const asks =
      /\bworkflow\s*\.\s*(list|count)\(|\b(list|count|scan)(Open|Closed|Archived)?WorkflowExecutions\(|visibilityQuery:(?! queryText\()/
    const files = (await readdir(SOURCE, { recursive: true })).filter((name) => name.endsWith('.ts'))
    const asking: string[] = []
    for (const file of files) {
      if (asks.test(await readFile(join(SOURCE, file), 'utf8'))) asking.push(file)
    }
    expect(asking).toEqual(['client/visibility.ts'])
  })
})
