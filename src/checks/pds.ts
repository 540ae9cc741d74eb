import { createPdsSetup } from '../adapters/pds-setup.ts'
import { checkFinding } from '../domain/check-findings.ts'
import type { Check } from './check.ts'
import type { CheckContext } from './context.ts'

export function pdsChecks(context: CheckContext): Check[] {
  const setup = () => createPdsSetup(context.section('pds'))
  return [
    {
      name: 'pds',
      async run() {
        const { handleDomain } = context.section('pds')
        const { domains, inviteRequired, limit } = await setup().describe()
        const served = domains.some((domain) => bare(domain) === bare(handleDomain))
        return {
          findings: [
            ...(served ? [] : [checkFinding('pds-domain-unsupported', { domain: handleDomain })]),
            ...(limit?.remaining === 0 ? [checkFinding('pds-rate-limited')] : []),
          ],
          facts: [
            `serves ${domains.join(', ')}`,
            inviteRequired ? 'asks for invite codes' : 'asks for no invite codes',
            limit === null ? 'shows no rate limit' : `${limit.remaining} of ${limit.of} calls left`,
          ],
        }
      },
    },
    {
      name: 'pds-admin',
      async run() {
        await setup().tryAdmin()
        return { facts: ['takes our admin password'] }
      },
    },
    {
      name: 'pds-invites',
      async run() {
        const { inviteRequired } = await setup().describe()
        if (!inviteRequired) return { facts: ['none are needed'] }
        await setup().tryInvite()
        return { facts: ['made a code and disabled it again'] }
      },
    },
    {
      name: 'plc',
      async run() {
        const resolves = await setup().resolvesDids()
        if (resolves === null) return { facts: ['no account to tell by yet'] }
        return resolves
          ? { facts: ['the PDS resolves the DIDs of its accounts'] }
          : { findings: [checkFinding('plc-unreachable')] }
      },
    },
  ]
}

function bare(domain: string): string {
  return domain.replace(/^\./, '').toLowerCase()
}
