import { globSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { shellEnv } from '../../src/config.ts'
import { runNode } from '../support/command.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** The folders for cached programs and temporary files, and no other variable of the shell. */
const PASSED_ON = ['HOME', 'XDG_CACHE_HOME', 'TMPDIR', 'HOLDFAST_TEMPORAL_BIN', 'HOLDFAST_MONGOD_BIN']
const env = Object.fromEntries(
  Object.entries(shellEnv()).flatMap(([name, value]) =>
    value !== undefined && PASSED_ON.includes(name) ? [[name, value]] : [],
  ),
)
const prove = (...args: string[]) => runNode([`${root}prove/prove.ts`, ...args], env)

describe('the proof', () => {
  it.each(globSync('prove/regressions/*.json', { cwd: root }))('%s does not fail again', async (file) => {
    const { code, stdout, stderr } = await prove('--plan', `${root}${file}`)
    expect(code, `${stdout}${stderr}`).toBe(0)
  })

  it('every check holds for a minute of random people, events and faults', async () => {
    const { code, stdout, stderr } = await prove('--seconds', '60')
    expect(code, `${stdout}${stderr}`).toBe(0)
    expect(stdout).toContain('Every check held.')
  })
})
