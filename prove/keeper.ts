import { setTimeout as sleep } from 'node:timers/promises'
import type { Child } from '../src/embedded/child.ts'

const PAUSE_MS = 200

export interface Keeper {
  /** How often it died of SIGKILL, and how often it ended otherwise. */
  readonly deaths: { readonly killed: number; readonly others: number }
  stop(): Promise<void>
}

/** Keeps one process running, as whoever runs a worker does: whenever it ends, another takes its place. */
export function keepRunning(start: () => Child): Keeper {
  const deaths = { killed: 0, others: 0 }
  let stopped = false
  let child = start()
  const keeping = (async () => {
    while (!stopped) {
      const how = await child.ended
      if (stopped) return
      if (how === 'SIGKILL') deaths.killed += 1
      else deaths.others += 1
      await sleep(PAUSE_MS)
      if (!stopped) child = start()
    }
  })()
  return {
    deaths,
    async stop() {
      stopped = true
      await child.stop()
      await keeping
    },
  }
}
