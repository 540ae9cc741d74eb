import { checkFinding } from '../domain/check-findings.ts'
import type { CheckFinding } from '../contracts/checks.ts'
import type { Check } from './check.ts'
import type { CheckContext } from './context.ts'

const ANSWER_MS = 8_000
/** A delivery of no events: it proves the token and does nothing. */
const NO_EVENTS = '[]'

/** Our own server as the world reaches it. */
export function serverChecks(context: CheckContext): Check[] {
  return [
    {
      name: 'server',
      async run() {
        const url = context.section('url')
        const health = await ask(url, '/healthz')
        if (typeof health === 'string') return { findings: [unreachable(url, health)] }
        if (!health.ok) return { findings: [unreachable(url, `HTTP ${health.status}`)] }
        const ready = await ask(url, '/readyz')
        if (typeof ready !== 'string' && ready.ok) return { facts: [`${url} answers and is ready`] }
        const answer = typeof ready === 'string' ? ready : `HTTP ${ready.status}`
        return { findings: [checkFinding('server-not-ready', { answer })] }
      },
    },
    ...context.tenantNames().map((tenant) => ({
      name: `webhook-${tenant}`,
      async run() {
        const { logToken } = context.tenant(tenant)
        const url = context.section('url')
        const path = `/webhooks/auth0/${tenant}`
        const wrong = await ask(url, path, `not ${logToken.length}`)
        if (typeof wrong === 'string') return { findings: [unreachable(url, wrong)] }
        if (wrong.status === 404) return { findings: [checkFinding('webhook-tenant-unknown', { tenant })] }
        if (wrong.status !== 401)
          return { findings: [checkFinding('webhook-open', { tenant, answer: `HTTP ${wrong.status}` })] }
        const right = await ask(url, path, logToken)
        if (typeof right !== 'string' && right.status === 401)
          return { findings: [checkFinding('webhook-token-differs', { tenant })] }
        return { facts: ['refuses a wrong token, takes ours'] }
      },
    })),
  ]
}

function unreachable(url: string, answer: string): CheckFinding {
  return checkFinding('server-unreachable', { url, answer })
}

/** The answer, or in words why there is none. With a token it is a delivery. */
async function ask(url: string, path: string, token?: string): Promise<Response | string> {
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
