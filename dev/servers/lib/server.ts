import type { Child } from './child.ts'

/** A real server that runs beside this process on 127.0.0.1. */
export interface EmbeddedServer {
  readonly name: string
  /** The process id of the running process, or of the last one. */
  readonly pid: number
  readonly logFile: string
  /** Resolves with `exit code 1` or `SIGKILL` when the running process has exited, for whatever reason. */
  readonly exited: Promise<string>
  /** The log output of the running process, or of the last one. */
  output(): Promise<string>
  /** Stops the server and removes its temporary data. May be called more than once. */
  stop(): Promise<void>
  /** SIGKILL. Ports and data are kept for `restart`. */
  kill(): Promise<void>
  /** Stops it if it runs, and starts it on the same ports and data. Returns when it is ready again. */
  restart(): Promise<void>
}

/**
 * The handle common to all servers: `first` runs already, `start` makes its successors, `cleanUp` runs after the stop.
 * A `start` that reports its process through `began` can be stopped before it is ready.
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
    get exited() {
      return child.exited
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

/** Runs a start; if it throws, `cleanUp` runs before the error is rethrown. */
export async function startOrCleanUp<T>(start: () => Promise<T>, cleanUp: () => Promise<void>): Promise<T> {
  try {
    return await start()
  } catch (error) {
    await cleanUp()
    throw error
  }
}
