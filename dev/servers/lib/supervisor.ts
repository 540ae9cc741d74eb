import { setTimeout as sleep } from 'node:timers/promises'
import { exitMessage } from './ready.ts'
import type { EmbeddedServer } from './server.ts'

/** A process that has run this long counts as stable: its next exit is the first in a row. */
const STABLE_AFTER_MS = 60_000

/** One exit of a supervised process that was not requested. */
export interface UnexpectedExit {
  /** `exit code 1`, `SIGKILL`; null where it was started again and did not become ready. */
  readonly how: string | null
  /** The sentence about the exit, beginning with the name of the process, with the last lines of its log. */
  message(): Promise<string>
  /** The number of exits in a row, this one included. */
  readonly times: number
  readonly willRestart: boolean
}

export interface Supervisor {
  /** Resolves when it has exited more often in a row than allowed. */
  readonly givenUp: Promise<void>
  /** Stops the process and does not start it again. */
  stop(): Promise<void>
}

/**
 * Keeps one process running, as the supervisor of a production worker does: whenever it exits unasked it is started
 * again, at most `restarts` times in a row. `onEnd` is called at each exit, `onBack` when it is ready again.
 */
export function supervise(
  server: EmbeddedServer,
  options: {
    readonly restarts: number
    readonly pauseMs: number
    readonly steadyMs?: number
    readonly onEnd: (end: UnexpectedExit) => void | Promise<void>
    readonly onBack?: () => void
  },
): Supervisor {
  const { restarts, pauseMs, steadyMs = STABLE_AFTER_MS, onEnd, onBack } = options
  const stopping = Promise.withResolvers<'stopped'>()
  const givenUp = Promise.withResolvers<void>()
  let stopped = false

  /** Null when it is stopped before it exits by itself. */
  const unexpectedExit = async (): Promise<Pick<UnexpectedExit, 'how' | 'message'> | null> => {
    const how = await Promise.race([server.exited, stopping.promise])
    if (stopped) return null
    return { how, message: async () => exitMessage(server.name, how, await server.output()) }
  }
  const startAgain = async (): Promise<Pick<UnexpectedExit, 'how' | 'message'> | null> => {
    try {
      await server.restart()
    } catch (error) {
      const told = error instanceof Error ? error.message : String(error)
      return stopped ? null : { how: null, message: () => Promise.resolve(told) }
    }
    if (!stopped) onBack?.()
    return unexpectedExit()
  }

  const keeping = (async () => {
    let began = performance.now()
    let times = 0
    for (let end = await unexpectedExit(); end !== null; end = await startAgain()) {
      const wasSteady = end.how !== null && performance.now() - began >= steadyMs
      times = wasSteady ? 1 : times + 1
      const again = times <= restarts
      await onEnd({ ...end, times, willRestart: again })
      if (!again) return givenUp.resolve()
      await Promise.race([sleep(pauseMs), stopping.promise])
      if (stopped) return
      began = performance.now()
    }
  })()

  return {
    givenUp: givenUp.promise,
    async stop() {
      stopped = true
      stopping.resolve('stopped')
      await server.stop()
      await keeping
      await server.stop() // one that was being started at that moment
    },
  }
}
