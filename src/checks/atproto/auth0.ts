import { Auth0ClientRefusedError } from '../../adapters/auth0/raw-client.ts'
import { createAuth0Setup } from '../../adapters/auth0/setup.ts'
import { createSignups } from '../../client/signups.ts'
import { workflowExists } from '../../client/workflow-exists.ts'
import { createIdHash } from '../../crypto/keyring.ts'
import { assessScopes } from '../../domain/atproto/auth0-scopes.ts'
import { checkFinding } from '../../domain/check-findings.ts'
import { logStreamFaults } from '../../domain/atproto/log-stream.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import { shellQuoted } from '../../contracts/text/shell.ts'
import type { Check, CheckResult } from '../check.ts'
import type { AtprotoCheckContext } from './context.ts'
import { withTemporalFindings } from '../temporal-findings.ts'

/** The time a delivery may take: an event younger than this does not count as missed, in milliseconds. */
const DELIVERY_TIME_MS = 2 * 60_000
/** Temporal may have deleted the signup of an older event. */
const RETAINED_MS = 24 * 3_600_000

/** The checks of one tenant. They are independent: a missing scope only affects the checks that need it. */
export function auth0Checks(
  context: AtprotoCheckContext,
  tenant: string,
  { probe }: { probe: boolean },
): Check[] {
  const check = (name: string, look: () => Promise<CheckResult>): Check => ({
    name: `auth0-${tenant}-${name}`,
    run: () => withAuth0Findings(tenant, look),
  })
  return [
    check('scopes', () => scopes(context, tenant, probe)),
    check('log-stream', () => logStream(context, tenant)),
    check('catch-up', () => catchUpState(context, tenant)),
    check('last-event', () => withTemporalFindings(context, () => lastEvent(context, tenant))),
  ]
}

async function scopes(context: AtprotoCheckContext, tenant: string, probe: boolean): Promise<CheckResult> {
  const granted = (await context.auth0(tenant).token()).scopes
  const { missing, superfluous } = assessScopes(granted, { probe })
  return {
    findings: missing.map((lacking) =>
      checkFinding('atproto', 'auth0-scope-missing', { tenant, ...lacking }),
    ),
    notices:
      superfluous.length === 0
        ? []
        : [checkFinding('atproto', 'auth0-scope-superfluous', { tenant, scopes: superfluous.join(', ') })],
    facts: [`a token with ${granted.length} scopes`],
  }
}

async function logStream(context: AtprotoCheckContext, tenant: string): Promise<CheckResult> {
  const { logTokens } = context.tenant(tenant)
  const endpoint = `${context.section('url')}/webhooks/auth0/${tenant}`
  const streams = await createAuth0Setup(context.auth0(tenant)).logStreams()
  const faults = logStreamFaults(streams, { endpoint, tokens: logTokens })
  return {
    findings: faults.map(({ name, detail }) => checkFinding('atproto', name, { ...detail, tenant })),
    facts: [`posts to ${endpoint}`],
  }
}

/** The position up to which the provider's log has been read, by whichever way its events arrived. */
async function catchUpState(context: AtprotoCheckContext, tenant: string): Promise<CheckResult> {
  const { gap, lastEventAt, caughtUpAt } = await (await context.state()).state.cursors.load(tenant)
  return {
    findings:
      gap === null ? [] : [checkFinding('atproto', 'log-gap', { tenant, from: gap.from, to: gap.to })],
    facts: [
      lastEventAt === null ? 'no event read yet' : `last event read is of ${lastEventAt.toISOString()}`,
      caughtUpAt === null
        ? 'end of the log never reached'
        : `end of the log reached at ${caughtUpAt.toISOString()}`,
    ],
  }
}

/** The newest event in the provider's log, and whether the newest signup there is known here. */
async function lastEvent(context: AtprotoCheckContext, tenant: string): Promise<CheckResult> {
  const setup = createAuth0Setup(context.auth0(tenant))
  const [last, signedUp] = await Promise.all([setup.newestEntry(), setup.newestEntry('type:ss')])
  const facts = [
    last === null ? 'the log is empty' : `last event ${last.type} at ${last.at.toISOString()}`,
    ...(signedUp === null ? [] : [`last signup at ${signedUp.at.toISOString()}`]),
  ]
  if (signedUp === null || signedUp.userId === null) return { facts }
  const age = Date.now() - signedUp.at.getTime()
  if (age < DELIVERY_TIME_MS || age > RETAINED_MS) return { facts }
  const { idPrefix } = context.tenant(tenant)
  const identity = idPrefix + signedUp.userId
  if (await hasSignup(context, tenant, identity)) return { facts }
  const at = signedUp.at.toISOString()
  return {
    facts,
    findings: [checkFinding('atproto', 'signup-not-seen', { tenant, at, identity: shellQuoted(identity) })],
  }
}

async function hasSignup(context: AtprotoCheckContext, tenant: string, identity: string): Promise<boolean> {
  const { client } = context.temporal()
  const hash = createIdHash(context.section('keys').id)
  const { workflowIdOf } = createSignups(client, context.system, hash)
  return workflowExists(client, workflowIdOf({ tenant, identity }))
}

async function withAuth0Findings(tenant: string, look: () => Promise<CheckResult>): Promise<CheckResult> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof Auth0ClientRefusedError)
      return {
        findings: [checkFinding('atproto', 'auth0-client-refused', { tenant, answer: error.message })],
      }
    // The check of the scopes reports the missing one.
    if (error instanceof OutsideError && error.problem === 'auth0-denied')
      return { findings: [checkFinding('atproto', 'auth0-denied', error.detail)] }
    throw error
  }
}
