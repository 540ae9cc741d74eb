import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { runNode } from './support/command.ts'

const source = (path: string): string => fileURLToPath(new URL(`../src/${path}`, import.meta.url))

/** An error as drivers and SDKs create it: with the data in the message, the cause and additional fields. */
const ERROR = `
  const cause = new Error('E11000 dup key: { email: "canary@example.com" }')
  const error = Object.assign(new Error('login of canary@example.com failed, token=canary-1', { cause }), {
    details: { password: 'canary-2', headers: { authorization: 'Bearer canary-3' } },
  })`

const run = (code: string) =>
  runNode(
    [
      '--input-type=module',
      '--eval',
      `import { runEntry } from '${source('entry.ts')}'
       import { UsageError } from '${source('errors.ts')}'
       import { createLogger } from '${source('logging.ts')}'
       ${ERROR}
       ${code}`,
    ],
    {},
  )

describe('T8: standard error', () => {
  it.each([
    ['an entry that fails', 'await runEntry(() => Promise.reject(error))', 1],
    [
      'an entry that was used wrongly',
      'await runEntry(() => Promise.reject(new UsageError(error.message)))',
      2,
    ],
    ['an error nobody caught', 'await runEntry(async () => { setTimeout(() => { throw error }, 0) })', 1],
    ['a rejection nobody caught', 'await runEntry(async () => { void Promise.reject(error) })', 1],
    [
      'a log line',
      `createLogger('test').child({ email: 'canary@example.com' }).error(
         { err: error, deep: { a: [{ b: { c: { password: 'canary' } } }] }, 'canary@example.com': 1, text: error.message },
         'said canary@example.com')`,
      0,
    ],
  ])('of %s says what went wrong, and nothing personal', async (_, code, exitCode) => {
    const ran = await run(code)
    expect(ran.stderr).toContain('failed')
    expect(ran.stderr).not.toMatch(/canary/)
    expect(ran).toMatchObject({ code: exitCode, stdout: '' })
  })
})

describe('a log line', () => {
  it('is cut at 16 KB, and stays JSON with what it said first', async () => {
    const ran = await run(
      `createLogger('test').error({ big: 'x'.repeat(40_000), more: 'y'.repeat(14_000), list: Array(9).fill('z'.repeat(9_000)) }, 'it failed')`,
    )
    expect(ran.stderr.length).toBeLessThanOrEqual(16 * 1024 + 1)
    expect(JSON.parse(ran.stderr)).toMatchObject({ msg: 'it failed', name: 'test' })
  })
})
