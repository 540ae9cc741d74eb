import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cached } from '../../../dev/servers/lib/cache.ts'
import { dataDirectory } from '../../../dev/servers/lib/data-dir.ts'
import type { DataDirectory } from '../../../dev/servers/lib/data-dir.ts'
import { silentProgress } from '../../../dev/servers/lib/progress.ts'
import { runFixture, until } from './support.ts'

let cache: DataDirectory
beforeEach(async () => void (cache = await dataDirectory(undefined, 'test-cache')))
afterEach(() => cache.remove())

test('of two starts at once one makes the program and the other waits and takes it', async () => {
  const first = runFixture('make-in-cache.ts', [cache.path, 'slowly'])
  expect(await first.line()).toBe('making')
  const second = runFixture('make-in-cache.ts', [cache.path, 'slowly'])
  expect(await second.line()).toContain('waiting for another npm start')
  const path = await first.line()
  expect(await second.line()).toBe(path)
  expect(readFileSync(path, 'utf8')).toBe(`made by ${first.child.pid}`)
  await Promise.all([first.ended, second.ended])
  expect(readdirSync(cache.path)).toEqual(['program-1'])
})

test('a killed build leaves nothing half-made, and the start that waited for it makes the program itself', async () => {
  const killed = runFixture('make-in-cache.ts', [cache.path, 'never'])
  expect(await killed.line()).toBe('making')
  const waiting = runFixture('make-in-cache.ts', [cache.path, 'at once'])
  expect(await waiting.line()).toContain('waiting for another npm start')
  killed.child.kill('SIGKILL')
  expect(await waiting.line()).toBe('making')
  const path = await waiting.line()
  expect(readFileSync(path, 'utf8')).toBe(`made by ${waiting.child.pid}`)
  await waiting.ended
  await until('the killed build is cleared away', () => readdirSync(cache.path).join() === 'program-1')
  expect(readdirSync(join(cache.path, 'program-1'))).toEqual(['half', 'program'])
})

test('a failed build leaves nothing behind and is tried again by the next start', async () => {
  const options = { cacheDir: cache.path, key: 'program-1', file: 'program', step: silentProgress.step('') }
  const make = () => Promise.reject(new Error('no compiler'))
  await expect(cached({ ...options, make })).rejects.toThrow('no compiler')
  expect(readdirSync(cache.path)).toEqual([])
  const next = runFixture('make-in-cache.ts', [cache.path, 'at once'])
  expect(await next.line()).toBe('making')
  expect(await next.line()).toBe(join(cache.path, 'program-1', 'program'))
  await next.ended
})
