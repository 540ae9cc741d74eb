/** Entry: `worker`, `server` or a command of Holdfast, with the library among the systems it supports. */
import { fileURLToPath } from 'node:url'
import { createProgram } from '../../../src/cli/program.ts'
import { runEntry } from '../../../src/entry.ts'
import { runServerProcess } from '../../../src/http/process.ts'
import { SERVED } from '../../../src/systems/served.ts'
import { runWorkerProcess } from '../../../src/worker/process.ts'
import { addLibraryWords } from './add-words.ts'

addLibraryWords()
SERVED.library = async () => (await import('./system.ts')).library

const [what = '', ...args] = process.argv.slice(2)
const workflowsPath = fileURLToPath(new URL('workflows.ts', import.meta.url))
await runEntry(async () => {
  if (what === 'worker') return runWorkerProcess({ workflowsPath })
  if (what === 'server') return runServerProcess()
  return createProgram().run([what, ...args])
})
