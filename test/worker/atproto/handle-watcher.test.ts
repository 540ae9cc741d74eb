import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { keepHandleWatcherRunning } from '../../../src/worker/atproto/handle-watcher.ts'
beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('L7: watchHandles that somebody terminated', () => {
  it('is started again within a minute, also after Temporal was away', async () => {
    let asked = 0
    const warnings: string[] = []
    const ensureWatcher = (): Promise<void> => {
      asked += 1
      return asked === 1 ? Promise.reject(new Error('Temporal is away')) : Promise.resolve()
    }
    const warn = (_fields: unknown, message: string): void => void warnings.push(message)
    const stop = keepHandleWatcherRunning({ ensureWatcher }, { warn: warn as never })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(asked).toBe(1)
    expect(warnings).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(asked).toBe(2)
    stop()
    await vi.advanceTimersByTimeAsync(600_000)
    expect(asked).toBe(2)
  })
})
