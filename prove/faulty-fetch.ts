import { AsyncLocalStorage } from 'node:async_hooks'
import type { Order } from './orders.ts'

/** How soon whoever was told to wait may come again, in milliseconds. */
const RESET_MS = 1_000

interface Disturbance {
  readonly answer: NonNullable<Order['answer']>
  spent: boolean
}

const present = new AsyncLocalStorage<Disturbance>()

/** Runs `call`; its first HTTP request meets the disturbance, so that everything above the network is the real thing. */
export function disturbed<T>(answer: NonNullable<Order['answer']>, call: () => Promise<T>): Promise<T> {
  return present.run({ answer, spent: false }, call)
}

/** Puts the disturbances between this process and the network. Returns the `fetch` that knows of none. */
export function installFaultyFetch(): typeof fetch {
  const real = globalThis.fetch
  globalThis.fetch = async (input, init) => {
    const disturbance = present.getStore()
    if (disturbance === undefined || disturbance.spent) return real(input, init)
    disturbance.spent = true
    const { answer } = disturbance
    if (answer === 'none') throw new TypeError('fetch failed')
    if (answer === 'lost') {
      await (await real(input, init)).arrayBuffer()
      throw new TypeError('fetch failed')
    }
    return answer === 429 ? tooMany() : failing()
  }
  return real
}

/** Both sides tell the moment of their reset, under names of their own. */
function tooMany(): Response {
  const reset = String(Math.ceil((Date.now() + RESET_MS) / 1_000))
  return Response.json(
    { error: 'RateLimitExceeded', message: 'Rate Limit Exceeded', statusCode: 429 },
    { status: 429, headers: { 'ratelimit-reset': reset, 'x-ratelimit-reset': reset } },
  )
}

function failing(): Response {
  return Response.json(
    { error: 'InternalServerError', message: 'Internal Server Error', statusCode: 500 },
    { status: 500 },
  )
}
