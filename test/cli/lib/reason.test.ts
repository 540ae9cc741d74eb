import { InvalidArgumentError } from 'commander'
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { reasonText } from '../../../src/cli/lib/reason.ts'

const cli = fileURLToPath(new URL('../../../src/cli/', import.meta.url))

describe('F5: a reason', () => {
  it.each([['asked by ana@example.com'], ['ana＠example.com'], ['@ana'], [' '], ['']])(
    '%j is refused',
    (text) => {
      expect(() => reasonText(text)).toThrow(InvalidArgumentError)
    },
  )

  it('is taken without the spaces around it', () => {
    expect(reasonText(' ticket 512 ')).toBe('ticket 512')
  })

  it('is read in that way by every command that takes one', () => {
    const options = globSync('**/*.ts', { cwd: cli }).flatMap((path) =>
      [...readFileSync(cli + path, 'utf8').matchAll(/'--reason[^)]*\)/g)].map(([option]) => option),
    )
    expect(options.length).toBeGreaterThan(5)
    for (const option of options) expect(option).toContain('reasonText)')
  })
})
