import { setTimeout as sleep } from 'node:timers/promises'
import { toldEnd } from './ready.ts'
import type { EmbeddedServer } from './server.ts'

/** After so long a process counts as steady: if it ends then, it has not ended "again". */
const STEADY_MS = 60_000

/** One end of a kept process that nobody asked for. */
export interface UnaskedEnd {
  /** `exit code 1`, `SIGKILL`; null where it was started again and did not come up. */
  readonly how: string | null
  /** The same in a sentence that begins with its name, with the last lines of its log. */
  told(): Promise<string>
  /** How often in a row, this one included. */
  readonly times: number
  readonly again: boolean
}

export interface Keeper {
  /** Resolves when it has ended more often in a row than it may. */
  readonly givenUp: Promise<void>
  /** Ends the process and starts it no more. */
  stop(): Promise<void>
}

/**
 * Keeps one process running, as whoever runs a worker does: whenever it ends by itself it is started again, at most
 * `restarts` times in a row. `onEnd` is told of each end at once, `onBack` when it is ready again.
 */
export function keepRunning(
  server: EmbeddedServer,
  options: {
    readonly restarts: number
    readonly pauseMs: number
    readonly steadyMs?: number
    readonly onEnd: (end: UnaskedEnd) => void | Promise<void>
    readonly onBack?: () => void
  },
): Keeper {
  const { restarts, pauseMs, steadyMs = STEADY_MS, onEnd, onBack } = options
  const stopping = Promise.withResolvers<'stopped'>()
  const givenUp = Promise.withResolvers<void>()
  let stopped = false

  /** Null when it is asked to end before it ends by itself. */
  const unaskedEnd = async (): Promise<Pick<UnaskedEnd, 'how' | 'told'> | null> => {
    const how = await Promise.race([server.ended, stopping.promise])
    if (stopped) return null
    return { how, told: async () => toldEnd(server.name, how, await server.output()) }
  }
  const startAgain = async (): Promise<Pick<UnaskedEnd, 'how' | 'told'> | null> => {
    try {
      await server.restart()
    } catch (error) {
      const told = error instanceof Error ? error.message : String(error)
      return stopped ? null : { how: null, told: () => Promise.resolve(told) }
    }
    if (!stopped) onBack?.()
    return unaskedEnd()
  }

  const keeping = (async () => {
    let began = performance.now()
    let times = 0
    for (let end = await unaskedEnd(); end !== null; end = await startAgain()) {
      const wasSteady = end.how !== null && performance.now() - began >= steadyMs
      times = wasSteady ? 1 : times + 1
      const again = times <= restarts
      await onEnd({ ...end, times, again })
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
