import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { CheckReport } from '../../src/contracts/checks.ts'
import { anyAlive, childrenOf } from '../dev/servers/support.ts'
import { atEnd } from '../support/at-end.ts'
import { copyCheckout } from '../support/checkout.ts'
import { runNode, type ProcessResult } from '../support/command.ts'
import { eventually } from '../support/eventually.ts'

const LONG_MS = 240_000

let checkout: string
let start: ChildProcess
let ended: Promise<unknown>
let said = ''
let meanwhile: ProcessResult
beforeAll(async () => {
  checkout = (await copyCheckout()).path
  start = spawn(process.execPath, [join(checkout, 'dev', 'start.ts')], {
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: homedir() },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  ended = once(start, 'exit')
  atEnd(async () => {
    if (start.exitCode === null) start.kill()
    await ended
  })
  for (const stream of [start.stdout, start.stderr])
    stream?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  await eventually('it has said whose the checkout is', async () => {
    const left = await readdir(join(checkout, '.holdfast'))
    return left.includes('env')
  })
  meanwhile = await holdfast('list', 'atproto')
  await says('Ctrl-C stops everything.', LONG_MS)
}, LONG_MS)

const holdfast = (...args: string[]): Promise<ProcessResult> =>
  runNode([join(checkout, 'bin', 'holdfast.js'), ...args], {})

const says = (words: string, longestMs?: number): Promise<unknown> =>
  eventually(`it says: ${words}`, () => said.includes(words), longestMs).catch((cause: unknown) => {
    throw new Error(said, { cause })
  })

/** The process of Holdfast that runs this entry. */
const pidOf = (entry: string): number | undefined =>
  childrenOf(start.pid ?? 0).find((pid) =>
    execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).includes(
      join(checkout, 'src', entry),
    ),
  )

describe('npm start', () => {
  it('tells commands in its checkout that it is coming up, until it is', async () => {
    expect(meanwhile).toMatchObject({ code: 2, stdout: '' })
    expect(meanwhile.stderr).toContain('`npm start` is still starting')
    const { code, stdout } = await holdfast('list', 'atproto')
    expect(code).toBe(0)
    expect(stdout.match(/completed/g)).toHaveLength(4)
  })

  it('has a check that finds nothing, and nothing to remark', async () => {
    const { code, stdout } = await holdfast('check', 'atproto', '--json')
    const { findings, notices } = JSON.parse(stdout) as CheckReport
    expect({ code, findings, notices }).toEqual({ code: 0, findings: [], notices: [] })
  })

  it('says at once that its worker ended, and starts it again', async () => {
    const pid = pidOf('worker.ts') ?? 0
    process.kill(pid, 'SIGKILL')
    await says('The worker ended (SIGKILL). The last lines of its log:\n  | ')
    await says('It is restarted in 2 s (restart 1 of 3). Its log: ')
    await says('The worker is running again.', 60_000)
    expect(pidOf('worker.ts')).not.toBe(pid)
  })

  it('ends with a failure where its webhook server does not stay up, and leaves nothing', async () => {
    const before = childrenOf(start.pid ?? 0)
    const killed = new Set<number>()
    while (start.exitCode === null && killed.size < 4) {
      const pid = await eventually('it runs', () => {
        const found = pidOf('server.ts')
        return found !== undefined && !killed.has(found) && found
      })
      killed.add(pid)
      process.kill(pid, 'SIGKILL')
    }
    await ended
    expect(start.exitCode).toBe(1)
    expect(said).toContain('The webhook server ended (SIGKILL).')
    expect(said).toContain('It exited 4 times in a row, so npm start exits too.')
    expect(anyAlive(before)).toBe(false)
    expect(await readdir(join(checkout, '.holdfast'))).toEqual([])
  })
})
