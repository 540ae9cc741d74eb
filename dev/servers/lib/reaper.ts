import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export type ReaperMessage =
  | { op: 'child'; pid: number; signal: NodeJS.Signals }
  | { op: 'gone'; pid: number }
  | { op: 'directory' | 'kept'; path: string }

const known = new Map<string, ReaperMessage>()
const MOST_REPLACED = 5
let replaced = 0
let reaper: ChildProcess | undefined

/** Makes the reaper stop this process group, first by `signal`, if this process exits first. */
export function reapChild(pid: number, signal: NodeJS.Signals): void {
  tell(String(pid), { op: 'child', pid, signal })
}

/** The group has ended: its number may soon belong to another process. */
export function forgetChild(pid: number): void {
  forget(String(pid), { op: 'gone', pid })
}

/** Makes the reaper remove this directory if this process exits first. */
export function reapDirectory(path: string): void {
  tell(path, { op: 'directory', path })
}

export function forgetDirectory(path: string): void {
  forget(path, { op: 'kept', path })
}

function tell(key: string, message: ReaperMessage): void {
  known.set(key, message)
  if (reaper) send(reaper, message)
  else reaper = startReaper()
}

function forget(key: string, message: ReaperMessage): void {
  known.delete(key)
  if (reaper) send(reaper, message)
}

function startReaper(): ChildProcess {
  const child = spawn(process.execPath, [fileURLToPath(new URL('reaper-process.ts', import.meta.url))], {
    cwd: '/',
    env: {},
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  child.unref()
  if (child.stdin && 'unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref()
  child.stdin?.on('error', () => replace(child))
  child.on('error', () => replace(child))
  child.on('exit', () => replace(child))
  for (const message of known.values()) send(child, message)
  return child
}

/** Starts a new reaper, which takes over all remaining entries, after the old one was killed. */
function replace(dead: ChildProcess): void {
  if (reaper !== dead) return
  reaper = undefined
  if (known.size === 0) return
  replaced += 1
  if (replaced <= MOST_REPLACED) reaper = startReaper()
  else
    process.emitWarning(
      'Embedded servers may keep running after this process: the process that ends them is not running.',
    )
}

function send(to: ChildProcess, message: ReaperMessage): void {
  to.stdin?.write(`${JSON.stringify(message)}\n`)
}
