import { createPdsSetup, type PdsSetup } from '../../adapters/pds/setup.ts'
import { createSignupReader } from '../../client/signup-reader.ts'
import { countWorkflows } from '../../client/temporal-setup.ts'
import { visibility } from '../../client/visibility.ts'
import { checkFinding } from '../../domain/check-findings.ts'
import type { Check, CheckResult } from '../check.ts'
import type { AtprotoCheckContext } from './context.ts'
import { withTemporalFindings } from '../temporal-findings.ts'

/** The most signups examined for a rate limit. */
const LOOKED_AT = 10

export function pdsChecks(context: AtprotoCheckContext): Check[] {
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
            ...(served ? [] : [checkFinding('atproto', 'pds-domain-unsupported', { domain: handleDomain })]),
            ...(limit?.remaining === 0 ? [checkFinding('atproto', 'pds-rate-limited')] : []),
          ],
          facts: [
            `serves ${domains.join(', ')}`,
            inviteRequired ? 'requires invite codes' : 'requires no invite codes',
            limit === null ? 'reports no rate limit' : `${limit.remaining} of ${limit.of} calls left`,
          ],
        }
      },
    },
    {
      name: 'pds-open',
      async run() {
        const { inviteRequired } = await setup().describe()
        return inviteRequired
          ? { facts: ['creates accounts for everyone who has an invite code'] }
          : { notices: [checkFinding('atproto', 'pds-open')], facts: ['creates accounts for anybody'] }
      },
    },
    {
      name: 'pds-admin',
      async run() {
        await setup().tryAdmin()
        return { facts: ['accepts the admin password'] }
      },
    },
    {
      name: 'pds-invites',
      async run() {
        const { inviteRequired } = await setup().describe()
        if (!inviteRequired) return { facts: ['none are needed'] }
        // The code stays at the PDS, though disabled, and an observer must leave no trace.
        if (context.section('mode') === 'observe') return { skipped: 'HOLDFAST_MODE=observe' }
        await setup().tryInvite()
        return { facts: ['created a code and disabled it; it remains at the PDS, disabled'] }
      },
    },
    {
      name: 'pds-limits',
      run: () => withTemporalFindings(context, () => limitUsedUp(context)),
    },
    {
      name: 'plc',
      run: () => withTemporalFindings(context, () => plc(context, setup())),
    },
  ]
}

/**
 * Only the creation of an account always needs the directory, so the signups waiting for one are counted first. A PDS
 * may resolve a DID from its cache, and resolves none where the directory is on a private address.
 */
async function plc(context: AtprotoCheckContext, setup: PdsSetup): Promise<CheckResult> {
  const { client } = context.temporal()
  const query = visibility`SignupProblem = 'plc-unreachable' AND ExecutionStatus = 'Running'`
  const waiting = (await countWorkflows(client, query)) ?? 0
  if (waiting > 0)
    return {
      findings: [checkFinding('atproto', 'plc-unreachable')],
      facts: [`${waiting} signups are blocked by it`],
    }
  const resolves = await setup.resolvesDids()
  return resolves === true
    ? { facts: ['the PDS resolves the DIDs of its accounts'] }
    : { skipped: 'not known until the next account is created; --probe creates one' }
}

/**
 * The PDS only reports the limit of the method that is called. The limit for creating accounts is visible in the
 * signups that wait for its reset, so a few signups at that step are examined.
 */
async function limitUsedUp({ system, temporal }: AtprotoCheckContext): Promise<CheckResult> {
  const reader = createSignupReader(temporal().client, system)
  const { signups } = await reader.list({ stage: 'creating-account', running: true }, { size: LOOKED_AT })
  const waiting = signups.flatMap(({ waitingFor }) =>
    waitingFor?.name === 'pds-rate-limited' ? waitingFor : [],
  )
  const [first] = waiting.map(({ until }) => until).toSorted()
  if (first === undefined) return { facts: ['no signup waits for the rate limit'] }
  return {
    notices: [checkFinding('atproto', 'pds-rate-limited')],
    facts: [
      `its rate limit for new accounts is used up: ${waiting.length} signups wait, the first until ${first}`,
    ],
  }
}

function bare(domain: string): string {
  return domain.replace(/^\./, '').toLowerCase()
}
