import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startChild } from '../../../dev/servers/lib/child.ts'
import { dataDirectory } from '../../../dev/servers/lib/data-dir.ts'
import type { DataDirectory } from '../../../dev/servers/lib/data-dir.ts'
import { startMongo } from '../../../dev/servers/mongo/mongo.ts'
import { silentProgress as progress } from '../../../dev/servers/lib/progress.ts'
import { waitForSuccess, waitUntilReady } from '../../../dev/servers/lib/ready.ts'
import { anyAlive, childrenOf, exists, runFixture, temporaryDirectories, until } from './support.ts'

let scratch: DataDirectory
beforeEach(async () => void (scratch = await dataDirectory(undefined, 'test-child')))
afterEach(() => scratch.remove())

const shell = (script: string) =>
  startChild({ name: 'Thing', command: 'sh', args: ['-c', script], logFile: join(scratch.path, 'thing.log') })
const says = (child: ReturnType<typeof shell>, text: string) =>
  until(`it says ${text}`, async () => (await child.output()).includes(text))

test('a child that ends before it is ready fails the start with its last lines', async () => {
  const child = shell(
    'echo first; for i in $(seq 20); do echo line $i; done; echo "no such flag" >&2; exit 3',
  )
  const never = () => Promise.reject(new Error('refused'))
  const error = await waitUntilReady(child, never).catch((e) => e)
  expect(error.message).toMatch(/^Thing ended \(exit code 3\)\. The last lines of its log:\n/)
  expect(error.message).toContain('  | no such flag')
  expect(error.message).not.toContain('first')
})

test('a program that should end is killed where it does not, and fails with its last lines where it fails', async () => {
  await waitForSuccess(shell('exit 0'))
  await expect(waitForSuccess(shell('echo no such table; exit 1'))).rejects.toThrow(
    /^Thing ended \(exit code 1\)[^]*no such table/,
  )
  const stuck = shell('echo waiting for a lock; sleep 1000')
  await says(stuck, 'waiting')
  await expect(waitForSuccess(stuck, 200)).rejects.toThrow(/did not end within 0\.2 s[^]*waiting for a lock/)
  expect(anyAlive([stuck.pid])).toBe(false)
})

test('a child that never becomes ready is killed, and the failure says what it last answered', async () => {
  const child = shell('echo hello; sleep 1000')
  await says(child, 'hello')
  const never = () => Promise.reject(new Error('not yet'))
  await expect(waitUntilReady(child, never, 200)).rejects.toThrow(/not ready within 0\.2 s.*not yet[^]*hello/)
  expect(anyAlive([child.pid])).toBe(false)
})

test('a child that ignores being asked to end is killed with all it started', async () => {
  const child = shell('trap "" TERM; sleep 1000 & echo started; while :; do sleep 1; done')
  await says(child, 'started')
  await child.stop(100)
  expect(anyAlive([child.pid])).toBe(false)
  expect(child.exit).toBe('SIGKILL')
})

test('a child that is stopped by SIGSTOP still ends when asked', async () => {
  const child = shell('trap "echo bye; exit 0" TERM; echo started; while :; do sleep 0.05; done')
  await says(child, 'started')
  process.kill(-child.pid, 'SIGSTOP')
  await child.stop()
  expect(child.exit).toBe('exit code 0')
})

test('a server whose program is broken fails with its last lines and leaves nothing', async () => {
  const broken = join(scratch.path, 'mongod')
  const script =
    '#!/bin/sh\n[ "$1" = --version ] && echo "db version v6.0.0" && exit 0\necho "cannot map memory"\nexit 14\n'
  await writeFile(broken, script, { mode: 0o755 })
  const before = temporaryDirectories('mongo')
  const start = startMongo({ given: broken, progress })
  await expect(start).rejects.toThrow(/MongoDB ended \(exit code 14\)[^]*cannot map memory/)
  expect(temporaryDirectories('mongo')).toEqual(before)
})

test('when the parent is killed no server and no temporary directory outlives it', async () => {
  const parent = runFixture('all-servers.ts')
  const { pids, directories } = JSON.parse(await parent.line()) as { pids: number[]; directories: string[] }
  expect(pids).toHaveLength(5)
  expect(pids.every((pid) => anyAlive([pid]))).toBe(true)
  expect(directories.every(exists)).toBe(true)
  process.kill(pids[0] ?? 0, 'SIGSTOP') // a stopped one must not survive either
  parent.child.kill('SIGKILL')
  await parent.ended
  await until('every server is gone', () => !anyAlive(pids))
  await until('every directory is gone', () => !directories.some(exists))
})

/** Hundredths of a second for which a process has run. */
function processorTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return Number(fields[11]) + Number(fields[12])
}

test('a killed reaper is replaced by one that knows what there is', async () => {
  const parent = runFixture('sleeper.ts')
  const { pid, directory } = JSON.parse(await parent.line()) as { pid: number; directory: string }
  const reaperOf = () => childrenOf(parent.child.pid ?? 0).find((child) => child !== pid)
  await until('there is a reaper', () => reaperOf() !== undefined)
  const first = reaperOf() ?? 0
  process.kill(first, 'SIGKILL')
  await until('there is another reaper', () => ![undefined, first].includes(reaperOf()))
  // by now the parent has long told it what there is: it does so as soon as it has started it
  await until('the other reaper has begun to run', () => processorTicks(reaperOf() ?? 0) > 2)
  parent.child.kill('SIGKILL')
  await parent.ended
  await until('the child is gone', () => !anyAlive([pid]))
  await until('the directory is gone', () => !exists(directory))
})

test('a server that its parent stops leaves no directory', async () => {
  const mongo = await startMongo({ progress })
  const { pid, logFile } = mongo
  await mongo.stop()
  await mongo.stop()
  expect(anyAlive([pid])).toBe(false)
  expect(exists(dirname(logFile))).toBe(false)
})
