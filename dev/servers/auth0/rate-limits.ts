export type Bucket = 'readUsers' | 'writeUsers' | 'readLogs' | 'other'

export interface RateLimit {
  calls: number
  perSeconds: number
}

export type RateLimits = { [B in Bucket]?: RateLimit | undefined }

export interface RateState {
  limit: number
  remaining: number
  /** Epoch seconds at which the bucket is full again. */
  reset: number
  exceeded: boolean
}

export interface RateLimiter {
  take(bucket: Bucket): RateState
  set(limits: RateLimits): void
}

const generous: RateLimit = { calls: 1_000_000, perSeconds: 60 }

/** Fixed windows by the real clock, since callers wait by the real clock. */
export function createRateLimiter(initial: RateLimits): RateLimiter {
  let limits = initial
  const windows = new Map<Bucket, { reset: number; used: number }>()
  return {
    take(bucket) {
      const { calls, perSeconds } = limits[bucket] ?? generous
      const seconds = Date.now() / 1000
      let window = windows.get(bucket)
      if (window === undefined || seconds >= window.reset) {
        window = { reset: Math.floor(seconds) + perSeconds, used: 0 }
        windows.set(bucket, window)
      }
      window.used += 1
      const remaining = Math.max(0, calls - window.used)
      return { limit: calls, remaining, reset: window.reset, exceeded: window.used > calls }
    },
    set(changed) {
      limits = { ...limits, ...changed }
      windows.clear()
    },
  }
}
