import { spawn } from 'node:child_process'
import { closeSync, fstatSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { groupAlive, signalGroup } from './process-group.ts'
import { childGone, reapChild } from './reaper.ts'

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
  /** What asks it to end. Default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals
}

export interface Child {
  readonly name: string
  readonly pid: number
  readonly logFile: string
  /** Settles when the process has ended, with how: `exit code 1`, `SIGKILL`. Never rejects. */
  readonly ended: Promise<string>
  /** How it ended, if it has. */
  readonly end: string | undefined
  /** Asks the group to end and kills it after `graceMs`. Returns when all of it is gone. */
  stop(graceMs?: number): Promise<void>
  /** SIGKILL to the group. Returns when all of it is gone. */
  kill(): Promise<void>
  /** What this process has written to its log. */
  output(): Promise<string>
}

const STOP_GRACE_MS = 10_000
const BARE_ENV = { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8' }

// The child waits for one line before it becomes the program, so nothing ever runs that the reaper does not
// know of: should we die in between, `read` sees the end of the pipe and the shell exits.
const GATE = 'read -r go || exit 1; exec "$@" </dev/null'

/**
 * Starts a program in a process group of its own, so that Ctrl-C at a terminal reaches only us. Its output
 * goes to `logFile`. It never outlives this process, even if that is killed.
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
    if (pid !== undefined && !groupAlive(pid)) childGone(pid)
    resolve(how)
  }
  child.once('error', (error) => finish(`could not be started: ${error.message}`))
  child.once('exit', (code, signal) => finish(signal ?? `exit code ${code}`))
  child.stdin?.on('error', () => {}) // the gate is gone: `exit` tells
  if (pid !== undefined) {
    reapChild(pid, stopSignal)
    child.stdin?.end('go\n')
  }

  const groupEnd = async () => {
    await ended
    while (pid !== undefined && groupAlive(pid)) await sleep(20)
    if (pid !== undefined) childGone(pid)
  }
  const kill = async () => {
    if (pid !== undefined) signalGroup(pid, 'SIGKILL')
    await groupEnd()
  }
  return {
    name,
    pid: pid ?? 0,
    logFile,
    ended,
    get end() {
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
