import type { System } from '../contracts/systems.ts'
import { checkFinding } from '../domain/check-findings.ts'
import type { CheckFinding } from '../contracts/checks.ts'
import type { Check } from './check.ts'
import type { CheckContext } from './context.ts'

const ANSWER_MS = 8_000
/** A delivery without events: it verifies the token and has no effect. */
const NO_EVENTS = '[]'

/** Our own server, by its public address. */
export function ownServerCheck(context: CheckContext): Check {
  return {
    name: 'server',
    async run() {
      const url = context.section('url')
      const health = await requestOwnServer(url, '/healthz')
      if (typeof health === 'string') return { findings: [serverUnreachable(context.system, url, health)] }
      if (!health.ok) return { findings: [serverUnreachable(context.system, url, `HTTP ${health.status}`)] }
      const ready = await requestOwnServer(url, '/readyz')
      if (typeof ready !== 'string' && ready.ok) return { facts: [`${url} answers and is ready`] }
      const answer = typeof ready === 'string' ? ready : `HTTP ${ready.status}`
      return { findings: [checkFinding(context.system, 'server-not-ready', { answer })] }
    },
  }
}

export function serverUnreachable(system: System, url: string, answer: string): CheckFinding {
  return checkFinding(system, 'server-unreachable', { url, answer })
}

/** The response, or in words why there is none. With a token the request is a delivery without events. */
export async function requestOwnServer(
  url: string,
  path: string,
  token?: string,
): Promise<Response | string> {
  try {
    const answer = await fetch(url + path, {
      ...(token === undefined
        ? {}
        : {
            method: 'POST',
            body: NO_EVENTS,
            headers: { authorization: token, 'content-type': 'application/json' },
          }),
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_MS),
    })
    await answer.arrayBuffer()
    return answer
  } catch (error) {
    return error instanceof Error ? error.name : 'no answer'
  }
}
