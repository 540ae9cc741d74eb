import { spawn } from 'node:child_process'
import { closeSync, fstatSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { groupAlive, signalGroup } from './process-group.ts'
import { forgetChild, reapChild } from './reaper.ts'

export interface ChildOptions {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly logFile: string
  /** The whole environment of the child. `inherit` is for build tools, which need the user's own settings. */
  readonly env?: Readonly<Record<string, string>> | 'inherit'
  readonly cwd?: string
  readonly uid?: number
  readonly gid?: number
  /** The signal that asks it to exit. Default: SIGTERM. */
  readonly stopSignal?: NodeJS.Signals
}

export interface Child {
  readonly name: string
  readonly pid: number
  readonly logFile: string
  /** Resolves with `exit code 1` or `SIGKILL` when the process has exited. Never rejects. */
  readonly exited: Promise<string>
  /** The same text; undefined while the process runs. */
  readonly exit: string | undefined
  /** Sends the process group its stop signal and kills it after `graceMs`. Returns when no process of it is left. */
  stop(graceMs?: number): Promise<void>
  /** Sends SIGKILL to the process group. Returns when no process of it is left. */
  kill(): Promise<void>
  /** The log output of this process. */
  output(): Promise<string>
}

const STOP_GRACE_MS = 10_000
const BARE_ENV = { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8' }

// The child waits for one line before it becomes the program, so no program runs that the reaper does not know of: if
// this process dies in between, `read` sees the end of the pipe and the shell exits.
const GATE = 'read -r go || exit 1; exec "$@" </dev/null'

/**
 * Starts a program in its own process group, so that Ctrl-C at a terminal reaches only this process. Its output goes to
 * `logFile`. It never outlives this process, even if this process is killed.
 */
export function startChild(options: ChildOptions): Child {
  const { name, command, args, logFile, stopSignal = 'SIGTERM', env = BARE_ENV } = options
  const log = openSync(logFile, 'a', 0o600)
  const before = fstatSync(log).size
  const child = spawn('/bin/sh', ['-c', GATE, 'sh', command, ...args], {
    detached: true,
    stdio: ['pipe', log, log],
    ...(env === 'inherit' ? {} : { env: { ...BARE_ENV, ...env } }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  })
  closeSync(log)
  const { pid } = child
  let end: string | undefined
  const { promise: ended, resolve } = Promise.withResolvers<string>()
  const finish = (how: string) => {
    end = how
    if (pid !== undefined && !groupAlive(pid)) forgetChild(pid)
    resolve(how)
  }
  child.once('error', (error) => finish(`could not be started: ${error.message}`))
  child.once('exit', (code, signal) => finish(signal ?? `exit code ${code}`))
  child.stdin?.on('error', () => {}) // the child has exited: `exit` reports it
  if (pid !== undefined) {
    reapChild(pid, stopSignal)
    child.stdin?.end('go\n')
  }

  const groupEnd = async () => {
    await ended
    while (pid !== undefined && groupAlive(pid)) await sleep(20)
    if (pid !== undefined) forgetChild(pid)
  }
  const kill = async () => {
    if (pid !== undefined) signalGroup(pid, 'SIGKILL')
    await groupEnd()
  }
  return {
    name,
    pid: pid ?? 0,
    logFile,
    exited: ended,
    get exit() {
      return end
    },
    async stop(graceMs = STOP_GRACE_MS) {
      if (pid === undefined || !signalGroup(pid, stopSignal)) return groupEnd()
      const late = setTimeout(() => signalGroup(pid, 'SIGKILL'), graceMs)
      await groupEnd()
      clearTimeout(late)
    },
    kill,
    async output() {
      return (await readFile(logFile)).subarray(before).toString()
    },
  }
}
