import type { Child } from './child.ts'

/** A real server that runs beside us on 127.0.0.1. */
export interface EmbeddedServer {
  readonly name: string
  /** Of the running process, or of the last one. */
  readonly pid: number
  readonly logFile: string
  /** Settles when the running process has ended, however that came about, with how: `exit code 1`, `SIGKILL`. */
  readonly ended: Promise<string>
  /** What the running process, or the last one, has written to its log. */
  output(): Promise<string>
  /** Ends it and removes its temporary data. May be called more than once. */
  stop(): Promise<void>
  /** SIGKILL. Ports and data are kept for `restart`. */
  kill(): Promise<void>
  /** Stops it if it runs, and starts it on the same ports and data. Returns when it is ready again. */
  restart(): Promise<void>
}

/**
 * What every server's handle does: `first` runs already, `start` makes its successors, `cleanUp` follows the stop. A
 * `start` that says which process `began` can be ended before it is ready.
 */
export function embeddedServer(options: {
  first: Child
  start: (began: (child: Child) => void) => Promise<Child>
  cleanUp: () => Promise<void>
}): EmbeddedServer {
  let child = options.first
  return {
    name: child.name,
    logFile: child.logFile,
    get pid() {
      return child.pid
    },
    get ended() {
      return child.ended
    },
    output: () => child.output(),
    async stop() {
      await child.stop()
      await options.cleanUp()
    },
    kill: () => child.kill(),
    async restart() {
      await child.stop()
      child = await options.start((begun) => (child = begun))
    },
  }
}

/** Runs a start; if it throws, `cleanUp` is run before the error goes on. */
export async function orCleanUp<T>(start: () => Promise<T>, cleanUp: () => Promise<void>): Promise<T> {
  try {
    return await start()
  } catch (error) {
    await cleanUp()
    throw error
  }
}
