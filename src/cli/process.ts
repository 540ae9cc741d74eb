import { EXIT } from '../errors.ts'
import { createProgram } from './program.ts'

/**
 * The process of the `holdfast` command. Resolves with its exit code; throws what the command could not do. A reader
 * that closes the output early (`| head`) ends it, which is no failure.
 */
export function runCommandProcess(args: readonly string[] = process.argv.slice(2)): Promise<number> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(EXIT.done)
  })
  return createProgram().run(args)
}
