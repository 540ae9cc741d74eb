import { execFileSync } from 'node:child_process'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatEnvFile, parseEnvFile } from '../../src/config/env-file.ts'

const tricky = {
  PLAIN: 'mongodb://127.0.0.1:27017/?replicaSet=rs0&x=1',
  QUOTES: `it's "quoted"`,
  ONLY_QUOTES: `''`,
  SPACES: ' a  b ',
  SHELL: '$HOME `id` \\ \\n ! #',
  EMPTY: '',
}

describe('the file npm start leaves for commands', () => {
  it('is read back as it was written, quotes and all', () => {
    expect(parseEnvFile(formatEnvFile(4711, tricky))).toEqual({ pid: 4711, variables: tricky })
  })

  it('is read back whatever stands on a line', () => {
    const values = fc.dictionary(fc.stringMatching(/^[A-Z][A-Z0-9_]{0,10}$/), fc.string({ unit: 'grapheme' }))
    fc.assert(
      fc.property(values, (variables) => {
        const lines = Object.fromEntries(
          Object.entries(variables).map(([name, value]) => [
            name,
            value.replaceAll(/[\n\r\u2028\u2029]/g, ' '),
          ]),
        )
        expect(parseEnvFile(formatEnvFile(1, lines)).variables).toEqual(lines)
      }),
    )
  })

  it('says the same to a shell that sources it', () => {
    const script = `${formatEnvFile(1, tricky)}\nfor name in ${Object.keys(tricky).join(' ')}; do eval "printf '%s\\0' \\"\\$$name\\""; done`
    const said = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8', env: {} })
    expect(said.split('\0').slice(0, -1)).toEqual(Object.values(tricky))
  })

  it('has no owner where its first line is not there', () => {
    expect(parseEnvFile("export A='1'\n")).toEqual({ pid: null, variables: { A: '1' } })
    expect(parseEnvFile('')).toEqual({ pid: null, variables: {} })
  })
})
