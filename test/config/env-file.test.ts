import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { formatEnvFile, parseEnvFile } from '../../src/config/env-file.ts'
import { processStart } from '../../src/config/process-start.ts'
import { patience } from '../support/patience.ts'

const owner = { pid: 4711, began: 'Sat Nov 21 16:10:00 2026' }
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
    expect(parseEnvFile(formatEnvFile(owner, tricky))).toEqual({ owner, variables: tricky })
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
        expect(parseEnvFile(formatEnvFile(owner, lines)).variables).toEqual(lines)
      }),
    )
  })

  it('says the same to a shell that sources it', () => {
    const script = `${formatEnvFile(owner, tricky)}\nfor name in ${Object.keys(tricky).join(' ')}; do eval "printf '%s\\0' \\"\\$$name\\""; done`
    const said = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8', env: {} })
    expect(said.split('\0').slice(0, -1)).toEqual(Object.values(tricky))
  })

  it('has no owner where its first line is not there', () => {
    expect(parseEnvFile("export A='1'\n")).toEqual({ owner: null, variables: { A: '1' } })
    expect(parseEnvFile("# pid 4711\nexport A='1'\n")).toEqual({ owner: null, variables: { A: '1' } })
    expect(parseEnvFile('')).toEqual({ owner: null, variables: {} })
  })

  it('names its owner before there are variables', () => {
    expect(formatEnvFile(owner, {})).toContain('still starting')
    expect(parseEnvFile(formatEnvFile(owner, {}))).toEqual({ owner, variables: {} })
  })
})

describe('the start of a process', () => {
  it('stays what it is while it runs, and tells two processes apart', async () => {
    const [one, other] = [spawn('sleep', ['60']), spawn('sleep', ['60'])]
    try {
      await vi.waitFor(() => expect(processStart(other.pid ?? 0)).not.toBeNull(), {
        timeout: patience(5_000),
      })
      const began = processStart(one.pid ?? 0)
      expect(began).not.toBeNull()
      expect(processStart(one.pid ?? 0)).toBe(began)
      expect(processStart(process.pid)).not.toBe(began)
    } finally {
      one.kill()
      other.kill()
    }
  })

  it('is none of a process that has ended, collected by its parent or not', async () => {
    const ended = spawn('true')
    await once(ended, 'exit')
    expect(processStart(ended.pid ?? 0)).toBeNull()
    expect(processStart(2 ** 22 + 1)).toBeNull()
    // A shell that replaces itself by another program never collects its children.
    const parent = spawn('sh', ['-c', 'true & echo $!; exec sleep 60'])
    try {
      const [line] = (await once(parent.stdout, 'data')) as [Buffer]
      await vi.waitFor(() => expect(processStart(Number(line.toString()))).toBeNull(), {
        timeout: patience(5_000),
      })
    } finally {
      parent.kill()
    }
  })
})
