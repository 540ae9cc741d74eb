import { setTimeout as sleep } from 'node:timers/promises'
import type { Child } from '../src/embedded/child.ts'

const PAUSE_MS = 200

/** Keeps one process running, as whoever runs a worker does: whenever it ends, another takes its place. */
export function keepRunning(start: () => Child, onEnd: (how: string) => void): { stop(): Promise<void> } {
  let stopped = false
  let child = start()
  const keeping = (async () => {
    while (!stopped) {
      const how = await child.ended
      if (stopped) return
      onEnd(how)
      await sleep(PAUSE_MS)
      if (!stopped) child = start()
    }
  })()
  return {
    async stop() {
      stopped = true
      await child.stop()
      await keeping
    },
  }
}
