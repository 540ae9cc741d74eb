import { createProgram } from './cli/program.ts'
import { runEntry } from './entry.ts'

/** Entry: the `holdfast` command. */
await runEntry(() => createProgram().run(process.argv.slice(2)))
