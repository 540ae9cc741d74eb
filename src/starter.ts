import { createProgram } from './cli/program.ts'
import { EXIT, runEntry } from './entry.ts'

// Whoever reads our output has read enough (`| head`): that ends the command, and is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(EXIT.done)
})

/** Entry: the `holdfast` command. */
await runEntry(() => createProgram().run(process.argv.slice(2)))
