import { AtpAgent } from '@atproto/api'

/** Less than the activity's own limit, so that the activity sees the time-out and names it. */
const ANSWER_MS = 12_000

/** The way to one PDS, each call of which ends within twelve seconds, and the header that makes a call an admin's. */
export function pdsAgent(
  { url, adminPassword }: { url: string; adminPassword: string },
  signal: () => AbortSignal | undefined,
): { agent: AtpAgent; asAdmin: { headers: { authorization: string } } } {
  const agent = new AtpAgent({
    service: url,
    fetch: (input: Parameters<typeof fetch>[0], init?: RequestInit) => {
      const limits = [AbortSignal.timeout(ANSWER_MS), signal(), init?.signal].filter(
        (limit) => limit instanceof AbortSignal,
      )
      return fetch(input, { ...init, signal: AbortSignal.any(limits) })
    },
  })
  const credentials = Buffer.from(`admin:${adminPassword}`).toString('base64')
  return { agent, asAdmin: { headers: { authorization: `Basic ${credentials}` } } }
}
