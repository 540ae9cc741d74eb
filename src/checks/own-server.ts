import type { System } from '../contracts/systems.ts'
import { checkFinding } from '../domain/check-findings.ts'
import type { CheckFinding } from '../contracts/checks.ts'
import type { Check } from './check.ts'
import type { CheckContext } from './context.ts'

const ANSWER_MS = 8_000
/** A delivery without events: it verifies the token and has no effect. */
const NO_EVENTS = '[]'

/** Our own server, by its public address. */
export function ownServerChecks(context: CheckContext): Check[] {
  return [
    {
      name: 'server',
      async run() {
        const url = context.section('url')
        const health = await request(url, '/healthz')
        if (typeof health === 'string') return { findings: [unreachable(context.system, url, health)] }
        if (!health.ok) return { findings: [unreachable(context.system, url, `HTTP ${health.status}`)] }
        const ready = await request(url, '/readyz')
        if (typeof ready !== 'string' && ready.ok) return { facts: [`${url} answers and is ready`] }
        const answer = typeof ready === 'string' ? ready : `HTTP ${ready.status}`
        return { findings: [checkFinding(context.system, 'server-not-ready', { answer })] }
      },
    },
    ...context.tenantNames().map((tenant) => ({
      name: `webhook-${tenant}`,
      async run() {
        const { logTokens } = context.tenant(tenant)
        const url = context.section('url')
        const path = `/webhooks/auth0/${tenant}`
        const wrong = await request(url, path, `not one of ${logTokens.length}`)
        if (typeof wrong === 'string') return { findings: [unreachable(context.system, url, wrong)] }
        if (wrong.status === 404)
          return { findings: [checkFinding(context.system, 'webhook-tenant-unknown', { tenant })] }
        if (wrong.status !== 401)
          return {
            findings: [
              checkFinding(context.system, 'webhook-open', { tenant, answer: `HTTP ${wrong.status}` }),
            ],
          }
        for (const token of logTokens) {
          const right = await request(url, path, token)
          if (typeof right !== 'string' && right.status === 401)
            return { findings: [checkFinding(context.system, 'webhook-token-differs', { tenant })] }
        }
        return { facts: ['refuses a wrong token, accepts the configured one'] }
      },
    })),
  ]
}

function unreachable(system: System, url: string, answer: string): CheckFinding {
  return checkFinding(system, 'server-unreachable', { url, answer })
}

/** The response, or in words why there is none. With a token the request is a delivery. */
async function request(url: string, path: string, token?: string): Promise<Response | string> {
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
