import { createProgram } from './cli/program.ts'
import { runEntry } from './entry.ts'
import { EXIT } from './errors.ts'

// A reader that closes the output early (`| head`) ends the command; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(EXIT.done)
})

/** Entry: the `holdfast` command. */
await runEntry(() => createProgram().run(process.argv.slice(2)))
