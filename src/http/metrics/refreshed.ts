import { setTimeout as sleep } from 'node:timers/promises'

/** How long a caller waits for a value that is being loaded, before it gets the last one. */
const WAIT_MS = 5_000

export interface Latest<T> {
  /** The last value that was loaded; null before the first. */
  readonly value: T | null
  readonly loadedAt: Date | null
  /** The last attempt failed, or has not answered yet. */
  readonly isLate: boolean
}

interface RefreshOptions<T> {
  readonly load: () => Promise<T>
  readonly everyMs: number
  /** Called when attempts begin to fail, not for each. */
  readonly onFailure: (error: unknown) => void
  readonly waitMs?: number
  readonly now?: () => number
}

/**
 * A value that is loaded at most once in `everyMs`, however often and by however many it is read, and not at all while
 * nobody reads it. Never rejects: where a load fails or hangs, readers get the last value, with its age.
 */
export function createRefreshed<T>({
  load,
  everyMs,
  onFailure,
  waitMs = WAIT_MS,
  now = Date.now,
}: RefreshOptions<T>): () => Promise<Latest<T>> {
  let value: T | null = null
  let loadedAt: number | null = null
  let triedAt = Number.NEGATIVE_INFINITY
  let loading: Promise<void> | null = null
  let failing = false

  const attempt = async (): Promise<void> => {
    triedAt = now()
    try {
      value = await load()
      loadedAt = now()
      failing = false
    } catch (error) {
      if (!failing) onFailure(error)
      failing = true
    } finally {
      loading = null
    }
  }

  return async () => {
    if (loading === null && now() - triedAt >= everyMs) loading = attempt()
    if (loading !== null) {
      const waited = new AbortController()
      const enough = sleep(waitMs, undefined, { signal: waited.signal }).catch(() => {}) // aborted below
      await Promise.race([loading, enough])
      waited.abort()
    }
    return {
      value,
      loadedAt: loadedAt === null ? null : new Date(loadedAt),
      isLate: failing || loading !== null,
    }
  }
}
