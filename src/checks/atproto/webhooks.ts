import { checkFinding } from '../../domain/check-findings.ts'
import type { Check } from '../check.ts'
import { requestOwnServer, serverUnreachable } from '../own-server.ts'
import type { AtprotoCheckContext } from './context.ts'

/** Whether our own server accepts the deliveries of each tenant's log stream, and no others. */
export function webhookChecks(context: AtprotoCheckContext): Check[] {
  return context.tenantNames().map((tenant) => ({
    name: `webhook-${tenant}`,
    async run() {
      const { logTokens } = context.tenant(tenant)
      const url = context.section('url')
      const path = `/webhooks/auth0/${tenant}`
      const wrong = await requestOwnServer(url, path, `not one of ${logTokens.length}`)
      if (typeof wrong === 'string') return { findings: [serverUnreachable(context.system, url, wrong)] }
      if (wrong.status === 404)
        return { findings: [checkFinding(context.system, 'webhook-tenant-unknown', { tenant })] }
      if (wrong.status !== 401)
        return {
          findings: [
            checkFinding(context.system, 'webhook-open', { tenant, answer: `HTTP ${wrong.status}` }),
          ],
        }
      for (const token of logTokens) {
        const right = await requestOwnServer(url, path, token)
        if (typeof right !== 'string' && right.status === 401)
          return { findings: [checkFinding(context.system, 'webhook-token-differs', { tenant })] }
      }
      return { facts: ['refuses a wrong token, accepts the configured one'] }
    },
  }))
}
