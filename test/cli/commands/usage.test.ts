import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { BIN, holdfast, jsonOf, runNode } from '../../support/command.ts'

const tenant = { AUTH0_AESTHETIC_DOMAIN: 'aesthetic.example.test' }
const COMMANDS = ['signup', 'verify', 'status', 'list', 'retry', 'quarantine', 'check', 'diagnose']

describe('holdfast, used wrongly', () => {
  it.each([
    ['an unknown system', ['status', 'mastodon', 'auth0|1'], "Unknown system 'mastodon'"],
    ['a system that is not served yet', ['list', 'medusa'], 'does not support the system medusa'],
    ['an unknown command', ['provision', 'atproto'], "unknown command 'provision'"],
    ['an unknown option', ['list', 'atproto', '--everything'], "unknown option '--everything'"],
    ['no person', ['status', 'atproto'], "missing required argument 'id'"],
    ['one argument too many', ['status', 'atproto', 'auth0|1', 'auth0|2'], 'too many arguments'],
    ['an unknown action', ['quarantine', 'atproto', 'burn'], "unknown value 'burn'; it must be one of: list"],
    ['no configuration', ['list', 'atproto', '--limit', 'x'], 'whole number'],
  ])('(%s) says what is wrong and ends with 2', async (_, args, says) => {
    const { code, document, stderr } = await jsonOf(tenant, ...args)
    expect(code).toBe(2)
    expect(stderr).toContain(says)
    expect(stderr).not.toMatch(/^ +at /m)
    expect(document['error']).toContain(says)
  })

  it('keeps standard output for answers', async () => {
    expect(await holdfast(tenant, 'status', 'mastodon', 'auth0|1')).toMatchObject({ code: 2, stdout: '' })
    expect(await holdfast(tenant, 'status', 'atproto')).toMatchObject({ code: 2, stdout: '' })
  })

  it('says everything the environment lacks', async () => {
    const { code, document, stderr } = await jsonOf(tenant, 'quarantine', 'atproto', 'list')
    expect(code).toBe(2)
    expect(stderr.trim()).toBe(document['error'])
    for (const name of ['HOLDFAST_KEY', 'HOLDFAST_ID_KEY']) expect(stderr).toContain(`${name} is missing`)
  })

  it('says that no tenant owns an identity', async () => {
    const env = { ...tenant, AUTH0_AESTHETIC_ID_PREFIX: 'a-' }
    const { code, document } = await jsonOf(env, 'signup', 'atproto', 'auth0|1')
    expect(code).toBe(2)
    expect(document['error']).toContain("No configured tenant owns 'auth0|1'")
  })

  it('without a command shows its help and ends with 2', async () => {
    const { code, stderr } = await runNode([BIN], {})
    expect(code).toBe(2)
    expect(stderr).toContain('Usage: holdfast')
  })
})

describe('holdfast --help', () => {
  it('teaches by examples, names every command and the exit codes', async () => {
    const { code, stdout } = await holdfast({}, '--help')
    expect(code).toBe(0)
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^ +${command} `, 'm'))
    expect(stdout).toContain('$ npx holdfast list atproto --stuck')
    expect(stdout).toContain('Exit codes: 0 done; 1')
  })

  it.each(COMMANDS)('of %s has examples that begin with the command', async (command) => {
    const { code, stdout } = await holdfast({}, command, '--help')
    expect(code).toBe(0)
    const examples = stdout.slice(stdout.indexOf('Examples:')).match(/^ +\$ .+$/gm)
    expect(examples?.length).toBeGreaterThan(0)
    for (const example of examples ?? [])
      expect(example).toMatch(new RegExp(`^ +\\$ npx holdfast ${command} (?:atproto|alerts)\\b`))
    expect(stdout).toContain('--json')
  })
})

/** The machine's own Node, if it is a version that does not run TypeScript. */
const oldNode = ['/usr/bin/node', '/usr/local/bin/node', '/opt/homebrew/bin/node'].find(
  (path) =>
    existsSync(path) && Number(/\d+/.exec(execFileSync(path, ['--version'], { encoding: 'utf8' }))?.[0]) < 24,
)

describe.runIf(oldNode !== undefined)("holdfast under the machine's own old Node", () => {
  const run = (...args: string[]) => runNode([BIN, ...args], tenant, { node: oldNode ?? '' })

  it("goes on under the project's own", async () => {
    const { code, stdout, stderr } = await run('list', '--help')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('Usage: holdfast list')
  })

  it('hands the exit code and the one JSON document on', async () => {
    const { code, stdout } = await run('list', 'mastodon', '--json')
    expect(code).toBe(2)
    expect(JSON.parse(stdout)).toHaveProperty('error')
  })
})
