import { AtpAgent } from '@atproto/api'
import { fetchFromPds } from './fetch.ts'
import { createPdsGate, type PdsGate } from './gate.ts'

/** Less than the activity's own limit, so that the activity sees and classifies the time-out. */
const ANSWER_MS = 12_000

/**
 * The HTTP client for one PDS: each call ends within twelve seconds, and a method whose rate limit is used up is not
 * called before its reset. A redirect is refused, since it would send password and address elsewhere. `asAdmin` is the
 * header of the admin's calls.
 */
export function createPdsAgent(
  { url, adminPassword }: { url: string; adminPassword: string },
  signal: () => AbortSignal | undefined,
): { agent: AtpAgent; gate: PdsGate; asAdmin: { headers: { authorization: string } } } {
  const gate = createPdsGate()
  const agent = new AtpAgent({
    service: url,
    fetch: async (input: Parameters<typeof fetch>[0], init?: RequestInit) => {
      const method = methodOf(input)
      gate.check(method)
      const limits = [AbortSignal.timeout(ANSWER_MS), signal(), init?.signal].filter(
        (limit) => limit instanceof AbortSignal,
      )
      const answer = await fetchFromPds(input, { ...init, signal: AbortSignal.any(limits) })
      gate.note(method, answer)
      return answer
    },
  })
  const credentials = Buffer.from(`admin:${adminPassword}`).toString('base64')
  return { agent, gate, asAdmin: { headers: { authorization: `Basic ${credentials}` } } }
}

function methodOf(input: Parameters<typeof fetch>[0]): string {
  const { pathname } = new URL(input instanceof Request ? input.url : input)
  return pathname.slice(pathname.lastIndexOf('/') + 1)
}
