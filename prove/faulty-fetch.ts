import { AsyncLocalStorage } from 'node:async_hooks'
import type { FaultInstruction } from './fault-protocol.ts'

/** The time until the reset of a simulated rate limit, in milliseconds. */
const RESET_MS = 1_000

interface RequestFault {
  readonly answer: NonNullable<FaultInstruction['answer']>
  spent: boolean
}

const present = new AsyncLocalStorage<RequestFault>()

/** Runs `call`; the fault applies to its first HTTP request, so that all code above the network is the real one. */
export function withFault<T>(
  answer: NonNullable<FaultInstruction['answer']>,
  call: () => Promise<T>,
): Promise<T> {
  return present.run({ answer, spent: false }, call)
}

/** Injects the faults between this process and the network. Returns the original `fetch`, without faults. */
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

/** PDS and Auth0 name the time of their reset in different headers. */
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
