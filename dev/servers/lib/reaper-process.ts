/**
 * Entry of the reaper: one small process beside each parent, in its own session. It reads on standard input what the
 * parent started. When that pipe closes, the parent has exited, in whatever way: the reaper stops every remaining
 * child, with its process group, and removes the temporary directories.
 */
import { rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { groupAlive, signalGroup } from './process-group.ts'
import type { ReaperMessage } from './reaper.ts'

const GRACE_MS = 5_000
const KILL_MS = 2_000

const children = new Map<number, NodeJS.Signals>()
const directories = new Set<string>()

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {}) // it outlives its parent on purpose

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line) as ReaperMessage
  if (message.op === 'child') children.set(message.pid, message.signal)
  else if (message.op === 'gone') children.delete(message.pid)
  else if (message.op === 'directory') directories.add(message.path)
  else directories.delete(message.path)
}

for (const [pid, signal] of children) signalGroup(pid, signal)
await untilGone(GRACE_MS)
for (const pid of children.keys()) signalGroup(pid, 'SIGKILL')
await untilGone(KILL_MS)
for (const path of directories) await rm(path, { recursive: true, force: true, maxRetries: 5 })

async function untilGone(boundMs: number): Promise<void> {
  const deadline = performance.now() + boundMs
  while (performance.now() < deadline && [...children.keys()].some((pid) => groupAlive(pid))) await sleep(50)
}
