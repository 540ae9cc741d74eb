import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { copyCheckout } from '../support/checkout.ts'
import { BIN, runNode } from '../support/command.ts'

const typed = (...args: string[]) => runNode([BIN, ...args], {})

describe('holdfast, typed wrongly', () => {
  it('names what there is in place of the argument that Commander calls by its name', async () => {
    const { code, stderr } = await typed('keys', 'nope')
    expect(code).toBe(2)
    expect(stderr).toContain("unknown value 'nope'; it must be one of: ")
    expect(stderr).not.toContain('command-argument')
  })

  it('takes `version` for --version', async () => {
    const { code, stdout } = await typed('version')
    expect(code).toBe(0)
    expect(stdout.trim()).not.toBe('')
  })

  it('names the systems that are served, and no others', async () => {
    expect((await typed('list', '--help')).stdout).toContain('the system: atproto, supabase\n')
    expect((await typed('list', 'nope', '--use-env')).stderr).toContain(
      'The first argument is the system: atproto, supabase.',
    )
  })

  it("refuses why ''", async () => {
    const { code, stderr } = await typed('why', 'atproto', ' ', '--use-env')
    expect(code).toBe(2)
    expect(stderr).toContain('Give a person: ')
  })

  it('without a running npm start says that it does not run, beside what the environment lacks', async () => {
    const { path } = await copyCheckout()
    const list = (...args: string[]) =>
      runNode([join(path, 'bin', 'holdfast.js'), 'list', 'atproto', ...args], {})
    const { code, stderr } = await list()
    expect(code).toBe(2)
    expect(stderr).toContain('HOLDFAST_KEY is missing')
    expect(stderr).toContain('`npm start` is not running in this checkout')
    expect((await list('--use-env')).stderr).not.toContain('npm start')
  })
})
