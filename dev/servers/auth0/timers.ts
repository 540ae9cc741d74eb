export interface Timers {
  /** Runs the function later, unless all timers are stopped before. */
  after(ms: number, run: () => void): void
  /** Waits; returns at once when all timers are stopped. */
  wait(ms: number): Promise<void>
  readonly signal: AbortSignal
  stop(): void
}

/** The timers of one server, which are stopped together with it. */
export function createTimers(): Timers {
  const controller = new AbortController()
  const pending = new Map<NodeJS.Timeout, () => void>()

  function start(ms: number, run: () => void, onStop: () => void) {
    if (controller.signal.aborted) return onStop()
    const timer = setTimeout(() => {
      pending.delete(timer)
      run()
    }, ms)
    pending.set(timer, onStop)
  }

  return {
    signal: controller.signal,
    after: (ms, run) => start(ms, run, () => undefined),
    wait: (ms) => new Promise((resolve) => start(ms, resolve, resolve)),
    stop() {
      controller.abort()
      for (const [timer, onStop] of pending) {
        clearTimeout(timer)
        onStop()
      }
      pending.clear()
    },
  }
}
