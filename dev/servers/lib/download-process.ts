/**
 * Entry: fetches one program by means of the library that knows its location, and writes its path to standard output.
 * This is a process of its own, because a download that hangs inside these libraries cannot be cancelled otherwise.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { TestWorkflowEnvironment } from '@temporalio/testing'
import { MongoBinary } from 'mongodb-memory-server-core'

export type Download = 'temporal' | 'temporal-test-server' | 'mongod'

const [what, directory = ''] = process.argv.slice(2)

try {
  process.stdout.write(`${await download(what as Download)}\n`)
  process.exit(0)
} catch (error) {
  process.stdout.write(error instanceof Error ? error.message : String(error))
  process.exit(1)
}

async function download(program: Download): Promise<string> {
  if (program === 'mongod') return MongoBinary.getPath({ version: '7.0.14', downloadDir: directory })
  const server = { executable: { type: 'cached-download', downloadDir: directory } } as const
  const environment =
    program === 'temporal'
      ? await TestWorkflowEnvironment.createLocal({ server })
      : await TestWorkflowEnvironment.createTimeSkipping({ server })
  await environment.teardown()
  const [file] = (await readdir(directory)).filter((name) => !name.endsWith('.downloading'))
  if (file === undefined) throw new Error('the SDK left no file in its download directory')
  return join(directory, file)
}
