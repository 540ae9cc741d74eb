import { createPdsSetup, type PdsSetup } from '../adapters/pds-setup.ts'
import { countWorkflows } from '../client/temporal-setup.ts'
import { checkFinding } from '../domain/check-findings.ts'
import type { Check, CheckResult } from './check.ts'
import type { CheckContext } from './context.ts'
import { orTemporalRefused } from './temporal-refused.ts'

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
      run: () => orTemporalRefused(context, () => plc(context, setup())),
    },
  ]
}

/**
 * Only making an account needs the directory without fail, so those who wait for one are asked first. A PDS may
 * resolve a DID from its cache, and does not resolve at all where the directory is on a private address.
 */
async function plc(context: CheckContext, setup: PdsSetup): Promise<CheckResult> {
  const { client } = context.temporal()
  const query = `SignupProblem = 'plc-unreachable' AND ExecutionStatus = 'Running'`
  const waiting = (await countWorkflows(client, query)) ?? 0
  if (waiting > 0)
    return { findings: [checkFinding('plc-unreachable')], facts: [`${waiting} signups wait for it`] }
  const resolves = await setup.resolvesDids()
  return {
    facts: [
      resolves === true
        ? 'the PDS resolves the DIDs of its accounts'
        : 'cannot be told before the next account is made; a probe makes one',
    ],
  }
}

function bare(domain: string): string {
  return domain.replace(/^\./, '').toLowerCase()
}
