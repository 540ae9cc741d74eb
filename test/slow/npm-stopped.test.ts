import { spawn } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { processStart } from '../../src/config/process-start.ts'
import { childrenOf } from '../dev/servers/support.ts'
import { atEnd } from '../support/at-end.ts'
import { copyCheckout } from '../support/checkout.ts'
import { eventually } from '../support/eventually.ts'

const LONG_MS = 240_000

const alive = (pid: number): boolean => processStart(pid) !== null

/** Every descendant of that process. */
const below = (pid: number): number[] => childrenOf(pid).flatMap((child) => [child, ...below(child)])

describe('npm start, told to end by the pid of npm', () => {
  it.each(['while it is coming up', 'when it is up'])(
    '%s leaves no process and no environment file',
    async (when) => {
      const checkout = (await copyCheckout()).path
      const npm = spawn('npm', ['start', '--', '--no-demo'], {
        cwd: checkout,
        env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: homedir() },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const pid = npm.pid ?? 0
      let said = ''
      for (const stream of [npm.stdout, npm.stderr])
        stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
      let started: number[] = []
      atEnd(async () => {
        for (const one of started) if (alive(one)) process.kill(one, 'SIGKILL')
      })
      const words = when === 'when it is up' ? 'Ctrl-C stops everything.' : 'starting'
      await eventually(words, () => said.includes(words), LONG_MS)
      started = below(pid)
      expect(started.length).toBeGreaterThan(1)
      npm.kill('SIGTERM')
      await eventually('nothing runs any longer', () => !started.some(alive))
      expect(await readdir(join(checkout, '.holdfast'))).toEqual([])
    },
    LONG_MS,
  )
})
