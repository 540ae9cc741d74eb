import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { groupAlive } from '../../../dev/servers/lib/process-group.ts'
import { patience } from '../../support/patience.ts'

const GIVE_UP_MS = patience(30_000)

/** Waits until `condition` holds; fails with `what` after half a minute, in CI after two. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + GIVE_UP_MS
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`never happened: ${what}`)
    await sleep(25)
  }
}

/** Whether any of the process groups still runs. */
export const anyAlive = (pids: readonly number[]) => pids.some((pid) => groupAlive(pid))

/** The process ids of the running children of a process. */
export function childrenOf(parent: number): number[] {
  const lines = execFileSync('ps', ['-e', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' }).split('\n')
  return lines.flatMap((line) => {
    const [pid, ppid, state = ''] = line.trim().split(/\s+/)
    return Number(ppid) === parent && !state.startsWith('Z') ? [Number(pid)] : []
  })
}

/** The temporary directories that embedded servers with this prefix have created. */
export const temporaryDirectories = (prefix: string) =>
  readdirSync(tmpdir()).filter((name) => name.startsWith(`holdfast-${prefix}`))

export const exists = existsSync

/** Whether a process accepts connections on the port. */
export function listening(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host })
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

export const portOf = (url: string) => Number(/:(\d+)(\/|\?|$)/.exec(url)?.[1])

/** Runs a fixture beside this file in its own process; `line` is the next line of its output. */
export function runFixture(name: string, args: readonly string[] = []) {
  const entry = fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
  const child: ChildProcess = spawn(process.execPath, [entry, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (!child.stdout) throw new Error('no output')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    child,
    ended,
    async line(): Promise<string> {
      const { value, done } = await lines.next()
      if (done) throw new Error(`${name} ended without a line`)
      return value
    },
  }
}
