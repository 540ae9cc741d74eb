import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { dataDirectory } from '../../../dev/servers/lib/data-dir.ts'
import type { DataDirectory } from '../../../dev/servers/lib/data-dir.ts'
import { mongodBinary } from '../../../dev/servers/mongo/binary.ts'
import { findProgram } from '../../../dev/servers/lib/program.ts'
import type { Program } from '../../../dev/servers/lib/program.ts'
import { silentProgress as progress } from '../../../dev/servers/lib/progress.ts'
import { runTool } from '../../../dev/servers/lib/tool.ts'

let cache: DataDirectory
beforeEach(async () => void (cache = await dataDirectory(undefined, 'test-program')))
afterEach(() => cache.remove())

const program: Program = {
  what: 'The thing',
  hint: 'Set HOLDFAST_THING_BIN.',
  variable: 'HOLDFAST_THING_BIN',
  command: 'no-command-of-this-name',
  cacheKey: 'thing-1',
  file: 'thing',
  usable: async (path) => {
    await runTool({ command: path, args: [] })
    return path
  },
  sources: () => [
    { name: 'a download', get: () => Promise.reject(new Error('refused')) },
    { name: 'a build', get: () => Promise.reject(new Error('no compiler')) },
  ],
}

test('when nothing provides it the failure names PATH and every source of its own', async () => {
  const found = findProgram(program, { cacheDir: cache.path, progress })
  await expect(found).rejects.toThrow(
    [
      'The thing could not be found or made. Tried:',
      '  - `no-command-of-this-name` on PATH: there is none',
      '  - a download: refused',
      '  - a build: no compiler',
      'Set HOLDFAST_THING_BIN.',
    ].join('\n'),
  )
})

test('what a source made is in the cache for the next start, which asks no source', async () => {
  let made = 0
  const sources: Program['sources'] = (directory) => [
    {
      name: 'a build',
      async get() {
        made += 1
        await writeFile(join(directory, 'thing'), '#!/bin/sh\n', { mode: 0o755 })
        return join(directory, 'thing')
      },
    },
  ]
  const options = { cacheDir: cache.path, progress }
  const first = await findProgram({ ...program, sources }, options)
  expect(await findProgram({ ...program, sources }, options)).toBe(first)
  expect(made).toBe(1)
})

test('on PATH comes before everything else', async () => {
  const found = await findProgram({ ...program, command: 'env' }, { cacheDir: cache.path, progress })
  expect(found).toMatch(/\/env$/)
})

test('one that was named but is too old is refused, and nothing else is tried', async () => {
  const old = join(cache.path, 'mongod')
  await writeFile(old, '#!/bin/sh\necho "db version v4.4.1"\n')
  await chmod(old, 0o755)
  const found = findProgram(mongodBinary, { given: old, cacheDir: cache.path, progress })
  await expect(found).rejects.toThrow(
    /Tried:\n {2}- HOLDFAST_MONGOD_BIN \(.*\): .* is too old: db version v4\.4\.1\n/,
  )
})
